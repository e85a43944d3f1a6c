//! Parts of artifacts that are no images.

use model::oci::{ImageDigest, Repository};
use registry::{Client, Descriptor, RegistryError};
use std::collections::BTreeMap;

/// The configuration of what has none.
const EMPTY: &[u8] = b"{}";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

/// Writes the configuration of what has none.
pub fn empty(client: &Client, repository: &Repository) -> Result<Descriptor, RegistryError> {
    Ok(descriptor(EMPTY_TYPE, client.push_bytes(repository, EMPTY)?, EMPTY.len()))
}

/// What something is, its digest and its size.
pub fn descriptor(kind: &str, digest: ImageDigest, size: usize) -> Descriptor {
    Descriptor {
        media_type: kind.to_owned(),
        digest,
        size: size as u64,
        platform: None,
        annotations: BTreeMap::new(),
        artifact_type: None,
    }
}
