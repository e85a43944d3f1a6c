//! The bake file of one platform of a root image.

use super::bake::{Bake, Export, Push, TargetName, TargetNameError};
use super::image::{ImageBuild, alone};
use crate::container::Ground;
use camino::{Utf8Path, Utf8PathBuf};
use model::key::Key;
use model::platform::Platform;
use model::root_image::RootImage;

/// What of a root image's labels is this project's own begins with this.
const LABEL: &str = "inference-backends.root";

/// Where the image goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootTo {
    /// Nowhere: that it builds is all that is asked.
    Nothing,
    /// By digest to these repositories; a merge names it.
    Push(Vec<String>),
    /// Into the user's Docker, under this name.
    Load(String),
    /// Into one file, an OCI image.
    File(Utf8PathBuf),
}

/// One platform of a root image to build.
#[derive(Debug, Clone, Copy)]
pub struct RootBuild<'a> {
    /// Which one.
    pub image: &'a RootImage,
    /// What is installed on what, for the platform.
    pub ground: &'a Ground,
    /// Its key.
    pub key: &'a Key,
    /// How.
    pub how: ImageBuild<'a>,
    /// A directory that holds the program `entry` for the platform.
    pub entry: &'a Utf8Path,
    /// Where it goes.
    pub to: &'a RootTo,
}

impl RootBuild<'_> {
    fn platform(&self) -> Platform {
        self.ground.platform
    }

    /// The target's name.
    pub fn target(&self) -> Result<TargetName, TargetNameError> {
        let name = self.image.name.as_str().replace(['.', '+'], "_");
        format!("root-{name}-{}", self.platform().arch).parse()
    }

    /// The file.
    pub fn bake(&self) -> Result<Bake, TargetNameError> {
        let layers = self.image.published().layers(self.image.platform_tag(self.platform()));
        let mut target = self.how.target(self.ground, &layers, self.export());
        target.contexts.insert("entry".to_owned(), self.entry.to_string());
        target.labels.extend([
            (format!("{LABEL}.name"), self.image.name.to_string()),
            (format!("{LABEL}.key"), self.key.to_string()),
        ]);
        Ok(alone(self.target()?, target))
    }

    fn export(&self) -> Export {
        let rewrite_timestamps = false;
        match self.to {
            RootTo::Nothing => Export::Nothing,
            RootTo::Push(names) => {
                Export::Image { names: names.clone(), push: Some(Push::ByDigest), rewrite_timestamps }
            }
            RootTo::Load(name) => Export::Docker { names: vec![name.clone()], rewrite_timestamps },
            RootTo::File(dest) => Export::Oci { dest: dest.clone(), name: None, rewrite_timestamps },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::manifests;

    #[test]
    fn a_push_is_by_digest_and_a_file_is_a_file() {
        let manifests = manifests();
        let image = &manifests.root_images["vulkan"];
        let build = RootBuild {
            image,
            ground: &crate::root_image::ground(
                image,
                image.platforms[1],
                &manifests.templates,
                manifests.pinned(),
            )
            .unwrap(),
            key: &"7".repeat(64).parse().unwrap(),
            how: ImageBuild {
                repository: &"127.0.0.1:5000/cache".parse().unwrap(),
                dockerfile: "/checkout/docker/Dockerfile.root".into(),
                steps: "/contexts/root/steps".into(),
                pins: "/contexts/root/pins".into(),
                write_cache: true,
                fresh: false,
            },
            entry: "/contexts/root/entry".into(),
            to: &RootTo::Push(vec!["127.0.0.1:5000/a".to_owned(), "127.0.0.1:5001/b".to_owned()]),
        };
        insta::assert_snapshot!(build.bake().unwrap().to_json().unwrap());
        let output = |to: &RootTo| {
            let json = RootBuild { to, ..build }.bake().unwrap().to_json().unwrap();
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            json["target"]["root-vulkan-arm64"]["output"][0].as_str().unwrap().to_owned()
        };
        assert_eq!(output(&RootTo::File("/tmp/o.tar".into())), "type=oci,dest=/tmp/o.tar");
        assert_eq!(output(&RootTo::Load("root:vulkan".to_owned())), "type=docker,name=root:vulkan");
        assert_eq!(output(&RootTo::Nothing), "type=cacheonly");
    }
}
