//! What `docker buildx bake` reads, as data: targets, groups, and the JSON of both.

mod attributes;
mod cache;
mod escape;
mod export;
mod name;
mod secret;
mod target;

pub use cache::{CacheFrom, CacheTo};
pub use export::{Export, Push};
pub use name::{TargetName, TargetNameError};
pub use secret::Secret;
pub use target::{Attest, Network, Target};

use std::collections::BTreeMap;

/// A bake file.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Bake {
    /// What is built when a group is named; `default` when nothing is.
    #[serde(rename = "group", skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<TargetName, Group>,
    /// What can be built.
    #[serde(rename = "target")]
    pub targets: BTreeMap<TargetName, Target>,
}

/// Targets that are built together.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Group {
    /// Their names.
    pub targets: Vec<TargetName>,
}

impl Bake {
    /// The file as `docker buildx bake -f -` takes it; the same bytes for the same value.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut json = serde_json::to_string_pretty(&escape::templates(serde_json::to_value(self)?))?;
        json.push('\n');
        Ok(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::name::Label;

    fn name(text: &str) -> TargetName {
        text.parse().unwrap()
    }

    #[test]
    fn writes_what_bake_reads() {
        let mut unit = Target::new("/contexts/inputs", "/repo/docker/Dockerfile.golang");
        unit.contexts.insert("steps".into(), "/contexts/steps".into());
        unit.contexts.insert("builder-base".into(), "docker-image://debian:bookworm-slim".into());
        unit.args.insert("SOURCE_DATE_EPOCH".into(), "0".into());
        unit.args.insert("CMAKE_ARGS".into(), "-DX=${HOME} %{if}".into());
        unit.stage = Some("package".parse::<Label>().unwrap());
        unit.platforms = vec!["linux/amd64".parse().unwrap()];
        unit.labels.insert("org.opencontainers.image.title".into(), "local-store".into());
        unit.exports = vec![
            Export::Local { dest: "/tmp/out, here".into() },
            Export::Image {
                names: vec!["a.example/x".into(), "b.example/y".into()],
                push: Some(Push::ByDigest),
                rewrite_timestamps: true,
            },
        ];
        unit.cache_from = vec![CacheFrom::Registry { reference: "a.example/cache:c-amd64".into() }];
        unit.cache_to = vec![CacheTo::Registry { reference: "a.example/cache:c-amd64".into() }];
        unit.secrets = vec![Secret::from_env("PIP_INDEX_URL")];
        unit.attest = Attest::NONE.into();
        unit.no_cache_filter = vec!["package".parse().unwrap()];
        let bake = Bake {
            groups: [(name("default"), Group { targets: vec![name("unit")] })].into(),
            targets: [(name("unit"), unit)].into(),
        };
        insta::assert_snapshot!(bake.to_json().unwrap());
    }
}
