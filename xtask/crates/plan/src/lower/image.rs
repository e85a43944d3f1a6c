//! The bake file of an image that is not a package: a builder base, or one platform of a root image.

use super::Contexts;
use super::bake::{Attest, Bake, CacheFrom, CacheTo, Export, Push, Target, TargetNameError};
use super::network::Network;
use crate::made::{Made, What};
use camino::{Utf8Path, Utf8PathBuf};
use model::oci::Repository;
use std::collections::BTreeMap;

/// What of a label is this project's own begins with this.
const LABEL: &str = "inference-backends";

/// Where an image goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageTo {
    /// Nowhere: that it builds is all that is asked.
    Nothing,
    /// Under these names: a base has tags; a root image goes to repositories by its digest, and a merge names it.
    Push(Vec<String>),
    /// Into the user's Docker, under this name.
    Load(String),
    /// Into one file, an OCI image.
    File(Utf8PathBuf),
}

/// One image to build.
#[derive(Debug, Clone, Copy)]
pub struct ImageBuild<'a> {
    /// Which one.
    pub made: &'a Made<'a>,
    /// The cache repository.
    pub repository: &'a Repository,
    /// Directories that it reads.
    pub contexts: &'a Contexts,
    /// A directory that holds the program `entry` of a root image.
    pub entry: Option<&'a Utf8Path>,
    /// How its steps reach a network.
    pub network: &'a Network,
    /// Read the layers of earlier builds.
    pub read_cache: bool,
    /// Write the layer cache, which is read in any case.
    pub write_cache: bool,
    /// Run every step again, on the newest image: layers that are cached hold packages of their own day.
    pub fresh: bool,
    /// Where it goes.
    pub to: &'a ImageTo,
}

impl ImageBuild<'_> {
    /// The file, with nothing else in it.
    pub fn bake(&self) -> Result<Bake, TargetNameError> {
        let (image, at) = (&self.made.image, self.contexts);
        let layers = format!("{}:{}", self.repository, self.made.layers());
        let mut target = Target::new(&*at.steps, at.templates.join(self.made.template().file_name()));
        let contexts = [("steps", Some(&*at.steps)), ("pins", Some(&*at.pins)), ("entry", self.entry)];
        let contexts =
            contexts.into_iter().filter_map(|(name, dir)| Some((name.to_owned(), dir?.to_string())));
        target.contexts = contexts.collect();
        target.args.insert("BASE_IMAGE".to_owned(), image.image.clone());
        target.platforms = vec![image.platform];
        target.labels = self.labels();
        target.exports = vec![self.export()];
        if self.read_cache {
            target.cache_from = vec![CacheFrom::Registry { reference: layers.clone() }];
        }
        if self.write_cache {
            target.cache_to = vec![CacheTo::Registry { reference: layers }];
        }
        target.no_cache = self.fresh;
        target.pull = self.fresh;
        target.attest = Attest::NONE.into();
        self.network.apply(&mut target);
        Ok(Bake { targets: [(self.made.target()?, target)].into(), ..Bake::default() })
    }

    fn labels(&self) -> BTreeMap<String, String> {
        let Made { what, image, key } = self.made;
        let mut labels =
            BTreeMap::from([("org.opencontainers.image.base.name".to_owned(), image.image.clone())]);
        let kind = match what {
            What::Base(row) => {
                labels.extend([
                    ("org.opencontainers.image.title".to_owned(), row.tag().to_string()),
                    (format!("{LABEL}.base.install"), image.install_digest()),
                ]);
                "base"
            }
            What::Root(_) => "root",
        };
        labels.extend([
            (format!("{LABEL}.{kind}.name"), self.made.row_name().to_owned()),
            (format!("{LABEL}.{kind}.key"), key.to_string()),
        ]);
        labels
    }

    fn export(&self) -> Export {
        let rewrite_timestamps = false;
        match self.to {
            ImageTo::Nothing => Export::Nothing,
            ImageTo::Push(names) => {
                let push = match self.made.what {
                    What::Base(_) => Push::ByTag,
                    What::Root(_) => Push::ByDigest,
                };
                Export::Image { names: names.clone(), push: Some(push), rewrite_timestamps }
            }
            ImageTo::Load(name) => Export::Docker { names: vec![name.clone()], rewrite_timestamps },
            ImageTo::File(dest) => Export::Oci { dest: dest.clone(), name: None, rewrite_timestamps },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{BuilderImage, Ingredients};
    use crate::testing::manifests;
    use model::manifest::Manifests;

    fn build<'a>(made: &'a Made<'a>, bake: impl FnOnce(ImageBuild<'_>) -> Bake) -> Bake {
        bake(ImageBuild {
            made,
            repository: &"127.0.0.1:5000/cache".parse().unwrap(),
            contexts: &Contexts::below("/contexts/image".into()),
            entry: matches!(made.what, What::Root(_)).then_some("/contexts/image/entry".into()),
            network: &Network::default(),
            read_cache: true,
            write_cache: true,
            fresh: false,
            to: &ImageTo::Nothing,
        })
    }

    fn base(manifests: &Manifests) -> Made<'_> {
        let made = Made::base(&manifests.bases["cuda-12-amd64"], manifests).unwrap();
        // The script's own digest has its own test.
        let mut made_of = Ingredients::clone(&made.image);
        made_of.install.steps.clear();
        let image = BuilderImage::from(made_of);
        Made { key: image.key(), image, ..made }
    }

    #[test]
    fn a_pushed_base_has_two_names_and_a_dry_build_none() {
        let manifests = manifests();
        let made = base(&manifests);
        let What::Base(row) = made.what else { panic!("a base") };
        let names = [row.tag(), made.tag()].map(|tag| format!("127.0.0.1:5000/cache:{tag}"));
        let to = ImageTo::Push(names.into());
        let pushed = build(&made, |build| ImageBuild { to: &to, ..build }.bake().unwrap());
        insta::assert_snapshot!(pushed.to_json().unwrap());
        let quiet =
            build(&made, |build| ImageBuild { write_cache: false, fresh: true, ..build }.bake().unwrap());
        let json: serde_json::Value = serde_json::from_str(&quiet.to_json().unwrap()).unwrap();
        let target = &json["target"]["base-cuda-12-amd64"];
        assert_eq!(target["output"], serde_json::json!(["type=cacheonly"]));
        assert_eq!(target["cache-to"], serde_json::Value::Null);
        assert_eq!((&target["no-cache"], &target["pull"]), (&true.into(), &true.into()));
        assert_eq!(
            target["cache-from"][0],
            "type=registry,ref=127.0.0.1:5000/cache:cache-base-grpc-cuda-12-amd64"
        );
    }

    #[test]
    fn a_root_image_is_pushed_by_digest_and_a_file_is_a_file() {
        let manifests = manifests();
        let row = &manifests.root_images["vulkan"];
        let made = Made::root(row, row.platforms[1], &manifests, &[]).unwrap();
        let made = Made { key: "7".repeat(64).parse().unwrap(), ..made };
        let bake = |to: &ImageTo| build(&made, |build| ImageBuild { to, ..build }.bake().unwrap());
        let to = ImageTo::Push(vec!["127.0.0.1:5000/a".to_owned(), "127.0.0.1:5001/b".to_owned()]);
        insta::assert_snapshot!(bake(&to).to_json().unwrap());
        let output = |to: &ImageTo| {
            let json: serde_json::Value = serde_json::from_str(&bake(to).to_json().unwrap()).unwrap();
            json["target"]["root-vulkan-arm64"]["output"][0].as_str().unwrap().to_owned()
        };
        assert_eq!(output(&ImageTo::File("/tmp/o.tar".into())), "type=oci,dest=/tmp/o.tar");
        assert_eq!(output(&ImageTo::Load("root:vulkan".to_owned())), "type=docker,name=root:vulkan");
        assert_eq!(output(&ImageTo::Nothing), "type=cacheonly");
    }
}
