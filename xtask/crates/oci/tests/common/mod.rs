//! What the tests share: a client without patience, and the proxy of the container tests as a server.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../../../tests/containers/faults.rs"]
pub mod faults;

use camino::Utf8PathBuf;
use faults::Proxy;
use oci::{Backoff, Client, Repository, Settings};
use std::time::Duration;

/// Settings under which nothing takes long.
pub fn settings() -> Settings {
    let millisecond = Duration::from_millis(1);
    Settings {
        connect: Duration::from_secs(2),
        stall: Duration::from_secs(2),
        small: Duration::from_secs(10),
        batch: Duration::from_secs(20),
        backoff: Backoff {
            tries: 4,
            first: millisecond,
            longest: millisecond,
            patience: Duration::from_secs(2),
        },
        ..Settings::anonymous()
    }
}

pub fn client() -> Client {
    Client::new(settings())
}

/// A client with this text as docker's configuration.
pub fn client_of(config: &str) -> (tempfile::TempDir, Client) {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(dir.path().join("config.json")).unwrap();
    std::fs::write(&path, config).unwrap();
    let client = Client::new(Settings { docker_config: Some(path), ..settings() });
    (dir, client)
}

pub fn repository(proxy: &Proxy) -> Repository {
    format!("{}/team/cache", proxy.address()).parse().unwrap()
}

/// A digest that no bytes have.
pub fn digest(number: usize) -> String {
    format!("sha256:{number:064x}")
}
