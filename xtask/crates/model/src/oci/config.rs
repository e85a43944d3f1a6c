//! The configuration of an image. Fields in a fixed order, so that equal images are equal bytes.

use super::ImageDigest;
use super::document::null_as_default;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an image runs on, how it is started, and what its layers hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// As Go calls it; empty in what is no image.
    #[serde(default)]
    pub architecture: String,
    /// How it is started.
    #[serde(default, rename = "config", deserialize_with = "null_as_default")]
    pub runtime: Runtime,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// How each layer was made.
    #[serde(default, deserialize_with = "null_as_default")]
    pub history: Vec<History>,
    /// As Go calls it; empty in what is no image.
    #[serde(default)]
    pub os: String,
    /// What the layers hold.
    #[serde(default, deserialize_with = "null_as_default")]
    pub rootfs: RootFs,
    /// Such as `v8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// How an image is started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Runtime {
    /// The program and its first arguments.
    #[serde(default, deserialize_with = "null_as_default")]
    pub entrypoint: Vec<String>,
    /// Free texts.
    #[serde(default, deserialize_with = "null_as_default")]
    pub labels: BTreeMap<String, String>,
    /// Where.
    #[serde(default)]
    pub working_dir: String,
}

/// How a layer was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// When.
    #[serde(default)]
    pub created: String,
    /// By what.
    #[serde(default)]
    pub created_by: String,
}

/// What the layers of an image hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootFs {
    /// The digest of each layer's tar, lowest first.
    #[serde(default, deserialize_with = "null_as_default")]
    pub diff_ids: Vec<ImageDigest>,
    /// Always `layers`.
    #[serde(default = "layers", rename = "type")]
    pub kind: String,
}

impl Default for RootFs {
    fn default() -> Self {
        Self { diff_ids: Vec::new(), kind: layers() }
    }
}

fn layers() -> String {
    "layers".to_owned()
}

impl ImageConfig {
    /// What it runs on, as in `linux/amd64`.
    pub fn platform(&self) -> String {
        format!("{}/{}", self.os, self.architecture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_of_others_are_read() {
        let docker = br#"{"architecture":"arm64","variant":"v8","os":"linux","config":{"Env":["A=b"],"Entrypoint":null,
            "Labels":null,"WorkingDir":""},"history":[{"created_by":"x","empty_layer":true}],"rootfs":{"type":"layers",
            "diff_ids":null}}"#;
        let config: ImageConfig = serde_json::from_slice(docker).unwrap();
        assert_eq!((config.platform().as_str(), config.variant.as_deref()), ("linux/arm64", Some("v8")));
        let nothing: ImageConfig = serde_json::from_slice(b"{}").unwrap();
        assert_eq!(nothing, ImageConfig::default());
    }
}
