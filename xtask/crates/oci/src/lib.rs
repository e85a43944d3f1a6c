//! OCI images: their names and documents, the registries that hold them, and the files that they are on a disk.
//!
//! [`Client`] is the one way into a registry. Credentials are docker's own. A registry that cannot be asked is an error
//! of its own kind ([`RegistryError::is_unavailable`]), because a cache that does not answer must not stop a build.

mod auth;
mod client;
mod collect;
mod error;
#[doc(hidden)]
pub mod fuzzed;
pub mod layout;
mod repository;

pub use auth::challenge::Challenge;
pub use auth::credentials::Credentials;
pub use auth::docker::{docker_config, lookup as stored_credentials};
pub use client::Client;
pub use client::settings::Settings;
pub use collect::inventory::{Inventory, Node, Parts, Tagged};
pub use collect::survey::config_date;
pub use collect::{Collection, Keep, Question, Removal, collect, deletion_order};
pub use error::RegistryError;
pub use model::oci::*;
pub use repository::manifests::Fetched;
pub use repository::quay::{Deletion, QuayTag, quay_tags};
pub use repository::tags::{TagPage, next_page};
pub use repository::upload::Arrival;
pub use transfer::{Backoff, Secret};
