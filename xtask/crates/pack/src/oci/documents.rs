//! The JSON documents of an image. Fields in a fixed order, so that equal images are equal bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) const LAYOUT_FILE: &str = "oci-layout";
pub(super) const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;
pub(super) const INDEX_FILE: &str = "index.json";
pub(super) const ARCHIVE_FILE: &str = "manifest.json";
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(super) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
pub(super) const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// The whole reference, where containerd and Docker look for it.
pub(super) const FULL_NAME: &str = "io.containerd.image.name";
/// The tag.
pub(super) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// No image tells when it was made.
pub(super) const EPOCH: &str = "1970-01-01T00:00:00Z";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) annotations: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) platform: Option<OciPlatform>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct OciPlatform {
    pub(super) architecture: String,
    pub(super) os: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Index {
    pub(super) schema_version: u32,
    pub(super) media_type: String,
    pub(super) manifests: Vec<Descriptor>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageManifest {
    pub(super) schema_version: u32,
    pub(super) media_type: String,
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Config {
    pub(super) architecture: String,
    #[serde(rename = "config")]
    pub(super) runtime: Runtime,
    pub(super) created: String,
    pub(super) history: Vec<History>,
    pub(super) os: String,
    pub(super) rootfs: RootFs,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Runtime {
    pub(super) entrypoint: Vec<String>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    pub(super) working_dir: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct History {
    pub(super) created: String,
    pub(super) created_by: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RootFs {
    pub(super) diff_ids: Vec<String>,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// One image of a Docker archive's `manifest.json`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Archived {
    pub(super) config: String,
    pub(super) repo_tags: Vec<String>,
    pub(super) layers: Vec<String>,
}

/// Where a blob lies in a layout; none if the digest is not sha256 in hexadecimal.
pub(super) fn blob_path(digest: &str) -> Option<String> {
    let hex = digest.strip_prefix("sha256:")?;
    let plain = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    plain.then(|| format!("blobs/sha256/{hex}"))
}
