//! Parts of artifacts that are no images.

use model::oci::{Descriptor, Repository, media};
use oci::{Client, RegistryError};

/// Writes the configuration of what has none.
pub fn empty(client: &Client, repository: &Repository) -> Result<Descriptor, RegistryError> {
    blob(client, repository, media::EMPTY, b"{}")
}

/// Writes some bytes of a kind.
pub fn blob(
    client: &Client,
    repository: &Repository,
    kind: &str,
    bytes: &[u8],
) -> Result<Descriptor, RegistryError> {
    Ok(Descriptor::new(kind, client.push_bytes(repository, bytes)?, bytes.len() as u64))
}
