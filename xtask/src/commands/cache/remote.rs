//! The registry's cache: where it is, and what it holds.

use super::dates;
use anyhow::Result;
use drive::error::Coded;
use drive::registries;
use drive::session::Session;
use model::oci::Repository;
use oci::{Client, Inventory};
use std::time::{SystemTime, UNIX_EPOCH};

/// The registry's cache.
pub struct Remote {
    pub client: Client,
    pub repository: Repository,
}

impl Remote {
    /// The named repository, else that of the manifests.
    pub fn open(session: &Session, repository: Option<&Repository>) -> Result<Self> {
        if session.offline {
            let text =
                "a registry cannot be asked with --offline; `cargo xtask cache` without --registry is local";
            return Err(Coded::Usage(text.to_owned()).into());
        }
        let repository = match repository {
            Some(repository) => repository.clone(),
            None => registries::repository(&session.manifests.registry.cache)?,
        };
        Ok(Self { client: registries::client(), repository })
    }

    /// All that it holds. What has no date of its own gets that of the record, if it is there.
    pub fn survey(&self) -> Result<Inventory> {
        let mut inventory = self.client.survey(&self.repository)?;
        dates::read(self)?.apply(&mut inventory);
        Ok(inventory)
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
