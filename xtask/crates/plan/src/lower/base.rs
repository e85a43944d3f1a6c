//! The bake file of one builder base.

use super::bake::{Bake, Export, Push, TargetName, TargetNameError};
use super::image::{ImageBuild, alone};
use crate::bases::BaseRow;
use model::image_names::CacheTag;
use std::collections::BTreeMap;

/// What of a base's labels is this project's own begins with this.
const LABEL: &str = "inference-backends.base";

/// One base to build.
#[derive(Debug, Clone, Copy)]
pub struct BaseBuild<'a> {
    /// Which one.
    pub row: &'a BaseRow,
    /// How.
    pub how: ImageBuild<'a>,
    /// Push it under both of its tags; otherwise it is built and left with the builder.
    pub push: bool,
}

impl BaseBuild<'_> {
    /// The target's name.
    pub fn target(&self) -> Result<TargetName, TargetNameError> {
        format!("base-{}", self.row.name.as_str().replace(['.', '+'], "_")).parse()
    }

    /// The two references of the pushed image, which are one digest: the name for people first.
    pub fn references(&self) -> [String; 2] {
        [self.row.tag.clone(), self.row.key_tag()].map(|tag| format!("{}:{tag}", self.how.repository))
    }

    /// The file.
    pub fn bake(&self) -> Result<Bake, TargetNameError> {
        let export = if self.push {
            let names = self.references().into();
            Export::Image { names, push: Some(Push::ByTag), rewrite_timestamps: false }
        } else {
            Export::Nothing
        };
        let layers = CacheTag::BaseLayers(self.row.name.clone()).tag();
        let mut target = self.how.target(&self.row.ground, &layers, export);
        target.labels.extend(self.labels());
        Ok(alone(self.target()?, target))
    }

    fn labels(&self) -> BTreeMap<String, String> {
        let row = self.row;
        let install = blake3::hash(row.ground.install_sh().as_bytes()).to_hex().to_string();
        [
            ("org.opencontainers.image.title".to_owned(), row.tag.to_string()),
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
    use crate::testing::manifests;

    #[test]
    fn a_push_has_two_names_and_a_dry_build_none() {
        let manifests = manifests();
        let base = Some(&manifests.bases["cuda-12-amd64"]);
        let mut row =
            rows(base, &manifests.backends, &manifests.variants, &manifests.templates, manifests.pinned());
        let row = &mut row.as_mut().unwrap()[0];
        // The script's own digest has its own test.
        row.ground.install.steps.clear();
        row.key = row.ground.key();
        let build = BaseBuild {
            row,
            how: ImageBuild {
                repository: &"127.0.0.1:5000/cache".parse().unwrap(),
                dockerfile: "/checkout/docker/Dockerfile.base-grpc-builder".into(),
                steps: "/contexts/base/steps".into(),
                pins: "/contexts/base/pins".into(),
                write_cache: true,
                fresh: false,
            },
            push: true,
        };
        insta::assert_snapshot!(build.bake().unwrap().to_json().unwrap());
        let quiet = BaseBuild {
            push: false,
            how: ImageBuild { write_cache: false, fresh: true, ..build.how },
            ..build
        };
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
