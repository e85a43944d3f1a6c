//! The files of a layout, and of the older archives of Docker.

use model::oci::ImageDigest;
use serde::{Deserialize, Serialize};

pub(super) const LAYOUT_FILE: &str = "oci-layout";
/// What the file says that makes a directory a layout.
pub const VERSION: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;
pub(super) const INDEX_FILE: &str = "index.json";
pub(super) const ARCHIVE_FILE: &str = "manifest.json";
/// The whole reference, where containerd and Docker look for it.
pub(super) const FULL_NAME: &str = "io.containerd.image.name";
/// The tag.
pub(super) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// No image tells when it was made.
pub(super) const EPOCH: &str = "1970-01-01T00:00:00Z";

/// One image of a Docker archive's `manifest.json`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Archived {
    pub(super) config: String,
    pub(super) repo_tags: Vec<String>,
    pub(super) layers: Vec<String>,
}

/// Where a blob lies in a layout.
pub fn blob_path(digest: &ImageDigest) -> String {
    format!("blobs/{}/{}", digest.algorithm().as_str(), digest.hex())
}
