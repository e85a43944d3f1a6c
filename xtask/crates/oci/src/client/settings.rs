//! How a client behaves: whose credentials, how patient, how greedy.

use crate::auth::docker;
use camino::Utf8PathBuf;
use std::time::Duration;
use transfer::Backoff;
use transfer::Secret;

/// Settings of a client.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Docker's configuration, for credentials.
    pub docker_config: Option<Utf8PathBuf>,
    /// For Quay's own API, which alone deletes tags there.
    pub quay_token: Option<Secret>,
    /// Registries beside quay.io that are Quays.
    pub quay_hosts: Vec<String>,
    /// For a connection to be made.
    pub connect: Duration,
    /// Without a byte, before a transfer is given up.
    pub stall: Duration,
    /// For one small request: everything but blobs.
    pub small: Duration,
    /// For many small requests that are asked at once.
    pub batch: Duration,
    /// For a list of any number of pages.
    pub list: Duration,
    /// When and how often to try again.
    pub backoff: Backoff,
    /// Small requests at a time.
    pub parallel: usize,
    /// Larger blobs are sent in pieces of this size, so that a broken connection costs one piece.
    pub piece: u64,
}

impl Settings {
    /// The defaults, without credentials.
    pub fn anonymous() -> Self {
        Self {
            docker_config: None,
            quay_token: None,
            quay_hosts: Vec::new(),
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(30),
            small: Duration::from_mins(1),
            batch: Duration::from_mins(2),
            list: Duration::from_mins(10),
            backoff: Backoff::default(),
            parallel: 24,
            piece: 64 << 20,
        }
    }

    /// The defaults, with docker's credentials and `QUAY_TOKEN`.
    pub fn from_env() -> Self {
        let token = std::env::var("QUAY_TOKEN").ok().filter(|token| !token.is_empty());
        Self {
            docker_config: docker::docker_config(),
            quay_token: token.map(Secret::new),
            ..Self::anonymous()
        }
    }
}
