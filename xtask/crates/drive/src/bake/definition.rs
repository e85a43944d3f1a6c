//! A bake file, with what buildx must be given beside it.

use super::reach::{Reach, reach};
use anyhow::Result;
use camino::Utf8PathBuf;
use exec::remote_cache::CCACHE;
use plan::lower::Network;
use plan::lower::bake::{Bake, Secret, TargetNameError};
use std::collections::BTreeMap;

/// A bake file, and what buildx must be given with it.
#[derive(Debug)]
pub struct Definition {
    /// The file.
    pub text: String,
    /// What it reads outside of its contexts.
    pub reads: Vec<Utf8PathBuf>,
    /// Variables that it takes secrets from.
    pub variables: BTreeMap<String, String>,
}

impl Definition {
    /// Of a file that tells its steps how this machine reaches a network, and ccache of the cache that machines share.
    pub fn new(
        ccache: Option<&str>,
        bake: impl FnOnce(&Network) -> Result<Bake, TargetNameError>,
    ) -> Result<Self> {
        let Reach { mut network, mut variables } = reach(|name| std::env::var(name).ok())?;
        for (name, told) in CCACHE.into_iter().zip(ccache.iter().cycle()) {
            network.secrets.push(Secret::from_env(name));
            variables.insert(name.to_owned(), (*told).to_owned());
        }
        Ok(Self { text: bake(&network)?.to_json()?, reads: network.files().collect(), variables })
    }
}
