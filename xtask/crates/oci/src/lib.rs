//! Speaks with OCI registries: what is there, manifests, blobs, tags, copies, deletion.
//!
//! [`Client`] is the one way in. Credentials are docker's own. A registry that
//! cannot be asked is an error of its own kind ([`RegistryError::is_unavailable`]), because a cache that does not answer
//! must not stop a build.

mod access;
mod attach;
mod authorize;
mod batch;
mod blobs;
mod challenge;
mod client;
mod collect;
mod copy;
mod credentials;
pub mod date;
mod endpoint;
mod error;
mod exists;
mod expect;
mod hash;
mod helper;
mod host;
mod inventory;
mod manifests;
mod quay;
mod referrers;
mod refusal;
mod settings;
mod survey;
mod tags;
mod upload;

pub use challenge::Challenge;
pub use client::Client;
pub use collect::{Collection, Keep, Question, Removal, collect, deletion_order};
pub use credentials::{Credentials, docker_config, lookup as stored_credentials};
pub use error::RegistryError;
pub use hash::{digest, digest_file};
pub use inventory::{Inventory, Node, Parts, Tagged};
pub use manifests::Fetched;
pub use model::oci::{Algorithm, ImageDigest, ParseError, Pointer, Reference, Repository, Tag};
pub use model::oci::{
    Descriptor, ImageManifest, ImagePlatform, Index, MAX_BYTES, Manifest, ManifestError, media,
};
pub use quay::{Deletion, QuayTag, quay_tags};
pub use settings::Settings;
pub use survey::config_date;
pub use tags::{TagPage, next_page};
pub use transfer::{Backoff, Secret};
pub use upload::Arrival;
