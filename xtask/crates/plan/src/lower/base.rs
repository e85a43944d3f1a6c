//! The bake file of one builder base.

use super::bake::{Attest, Bake, CacheFrom, CacheTo, Export, Push, Target, TargetName, TargetNameError};
use crate::bases::BaseRow;
use crate::names::CacheTag;
use crate::oci::Repository;
use camino::Utf8Path;
use std::collections::BTreeMap;

/// What of a base's labels is this project's own begins with this.
const LABEL: &str = "inference-backends.base";

/// One base to build.
#[derive(Debug, Clone, Copy)]
pub struct BaseBuild<'a> {
    /// Which one.
    pub row: &'a BaseRow,
    /// The cache repository.
    pub repository: &'a Repository,
    /// `docker/Dockerfile.base-grpc-builder`.
    pub dockerfile: &'a Utf8Path,
    /// A directory that holds its `install.sh` and nothing else.
    pub steps: &'a Utf8Path,
    /// Push it under both of its tags; otherwise it is built and left with the builder.
    pub push: bool,
    /// Write the layer cache, which is read in any case.
    pub write_cache: bool,
    /// Run every step again, on the newest image: layers that are cached hold packages of their own day.
    pub fresh: bool,
}

impl BaseBuild<'_> {
    /// The target's name.
    pub fn target(&self) -> Result<TargetName, TargetNameError> {
        format!("base-{}", self.row.name.as_str().replace(['.', '+'], "_")).parse()
    }

    /// The two references of the pushed image, which are one digest: the name for people first.
    pub fn references(&self) -> [String; 2] {
        [&self.row.tag, &self.row.key.tag()].map(|tag| format!("{}:{tag}", self.repository))
    }

    /// The file.
    pub fn bake(&self) -> Result<Bake, TargetNameError> {
        let row = self.row;
        let layers = format!("{}:{}", self.repository, CacheTag::BaseLayers(row.name.clone()).tag());
        let mut target = Target::new(self.steps, self.dockerfile);
        target.contexts.insert("steps".to_owned(), self.steps.to_string());
        target.args.insert("BASE_IMAGE".to_owned(), row.image.clone());
        target.platforms = vec![row.platform];
        target.labels = self.labels();
        target.exports = vec![if self.push {
            let names = self.references().into();
            Export::Image { names, push: Some(Push::ByTag), rewrite_timestamps: false }
        } else {
            Export::Nothing
        }];
        target.cache_from = vec![CacheFrom::Registry { reference: layers.clone() }];
        if self.write_cache {
            target.cache_to = vec![CacheTo::Registry { reference: layers }];
        }
        target.no_cache = self.fresh;
        target.pull = self.fresh;
        target.attest = Attest::NONE.into();
        Ok(Bake { targets: [(self.target()?, target)].into(), ..Bake::default() })
    }

    fn labels(&self) -> BTreeMap<String, String> {
        let row = self.row;
        let install = blake3::hash(row.ground.install_sh().as_bytes()).to_hex().to_string();
        [
            ("org.opencontainers.image.title".to_owned(), row.tag.to_string()),
            ("org.opencontainers.image.base.name".to_owned(), row.image.clone()),
            (format!("{LABEL}.name"), row.name.to_string()),
            (format!("{LABEL}.key"), row.key.to_string()),
            (format!("{LABEL}.install"), install),
        ]
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bases::rows;
    use crate::manifest;

    #[test]
    fn a_push_has_two_names_and_a_dry_build_none() {
        let files = [
            (manifest::VARIANTS, include_str!("../../../../../backend/variants.yaml")),
            (manifest::SOURCES, include_str!("../../../../../backend/sources.yaml")),
        ];
        let files = files.map(|(path, text)| (path.into(), text.to_owned())).into();
        let manifests = manifest::load(&files).unwrap();
        let mut row = rows(Some(&manifests.bases["cuda-12-amd64"]), &manifests.backends, &manifests.variants);
        let row = &mut row.as_mut().unwrap()[0];
        // The script's own digest has its own test.
        row.ground.install.steps.clear();
        row.key = row.ground.key();
        let build = BaseBuild {
            row,
            repository: &"127.0.0.1:5000/cache".parse().unwrap(),
            dockerfile: "/checkout/docker/Dockerfile.base-grpc-builder".into(),
            steps: "/contexts/base/steps".into(),
            push: true,
            write_cache: true,
            fresh: false,
        };
        insta::assert_snapshot!(build.bake().unwrap().to_json().unwrap());
        let quiet = BaseBuild { push: false, write_cache: false, fresh: true, ..build };
        let json: serde_json::Value =
            serde_json::from_str(&quiet.bake().unwrap().to_json().unwrap()).unwrap();
        let target = &json["target"]["base-cuda-12-amd64"];
        assert_eq!(target["output"], serde_json::json!(["type=cacheonly"]));
        assert_eq!(target["cache-to"], serde_json::Value::Null);
        assert_eq!((&target["no-cache"], &target["pull"]), (&true.into(), &true.into()));
        assert_eq!(
            target["cache-from"][0],
            "type=registry,ref=127.0.0.1:5000/cache:cache-base-grpc-cuda-12-amd64"
        );
    }
}
