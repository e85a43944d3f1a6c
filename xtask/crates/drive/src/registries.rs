//! How every command speaks with registries, and the repositories that the manifests name.

use crate::error::Coded;
use anyhow::Result;
use model::oci::Repository;
use oci::{Client, Settings};

/// With the user's credentials.
pub fn client() -> Client {
    Client::new(Settings::from_env())
}

/// A repository of `backend/variants.yaml`.
pub fn repository(text: &str) -> Result<Repository> {
    text.parse().map_err(|error| Coded::Usage(format!("backend/variants.yaml: {error}")).into())
}
