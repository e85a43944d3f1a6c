//! The bake file of one platform of a root image.

use super::bake::{Attest, Bake, CacheFrom, CacheTo, Export, Push, Target, TargetName, TargetNameError};
use crate::container::Ground;
use crate::key::Key;
use crate::oci::Repository;
use crate::platform::Platform;
use crate::root_image::RootImage;
use camino::{Utf8Path, Utf8PathBuf};

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
    /// The cache repository.
    pub repository: &'a Repository,
    /// `docker/Dockerfile.root`.
    pub dockerfile: &'a Utf8Path,
    /// A directory that holds its `install.sh` and nothing else.
    pub steps: &'a Utf8Path,
    /// A directory that holds the program `entry` for the platform.
    pub entry: &'a Utf8Path,
    /// Where it goes.
    pub to: &'a RootTo,
    /// Write the layer cache, which is read in any case.
    pub write_cache: bool,
    /// Run every step again, on the newest image.
    pub fresh: bool,
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
        let tag = self.image.published().layers(self.image.platform_tag(self.platform()));
        let layers = format!("{}:{tag}", self.repository);
        let mut target = Target::new(self.steps, self.dockerfile);
        target.contexts.insert("steps".to_owned(), self.steps.to_string());
        target.contexts.insert("entry".to_owned(), self.entry.to_string());
        target.args.insert("BASE_IMAGE".to_owned(), self.ground.image.clone());
        target.platforms = vec![self.platform()];
        target.labels = [
            ("org.opencontainers.image.base.name".to_owned(), self.ground.image.clone()),
            (format!("{LABEL}.name"), self.image.name.to_string()),
            (format!("{LABEL}.key"), self.key.to_string()),
        ]
        .into();
        target.exports = vec![self.export()];
        target.cache_from = vec![CacheFrom::Registry { reference: layers.clone() }];
        if self.write_cache {
            target.cache_to = vec![CacheTo::Registry { reference: layers }];
        }
        target.no_cache = self.fresh;
        target.pull = self.fresh;
        target.attest = Attest::NONE.into();
        Ok(Bake { targets: [(self.target()?, target)].into(), ..Bake::default() })
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
    use crate::manifest;

    #[test]
    fn a_push_is_by_digest_and_a_file_is_a_file() {
        let files = [
            (manifest::VARIANTS, include_str!("../../../../../backend/variants.yaml")),
            (manifest::SOURCES, include_str!("../../../../../backend/sources.yaml")),
        ];
        let files = files.map(|(path, text)| (path.into(), text.to_owned())).into();
        let manifests = manifest::load(&files).unwrap();
        let image = &manifests.root_images["vulkan"];
        let build = RootBuild {
            image,
            ground: &image.ground(image.platforms[1]).unwrap(),
            key: &"7".repeat(64).parse().unwrap(),
            repository: &"127.0.0.1:5000/cache".parse().unwrap(),
            dockerfile: "/checkout/docker/Dockerfile.root".into(),
            steps: "/contexts/root/steps".into(),
            entry: "/contexts/root/entry".into(),
            to: &RootTo::Push(vec!["127.0.0.1:5000/a".to_owned(), "127.0.0.1:5001/b".to_owned()]),
            write_cache: true,
            fresh: false,
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
