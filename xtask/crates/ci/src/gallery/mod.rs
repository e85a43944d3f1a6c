//! The gallery: what LocalAI can install, as an index of what was seen to be published. Pure.

mod capability;
mod compare;
mod index;
mod listed;

pub use compare::{Difference, Differs, Promised, compare, promised};
pub use index::{Channel, Gallery, LeftOut, gallery};
pub use listed::{Listed, ListedError, Place, read};

/// Whether LocalAI knows the registry of this image without a scheme; of those alone it learns the digest that tells of an
/// upgrade.
fn is_known(image: &str) -> bool {
    ["quay.io/", "ghcr.io/", "docker.io/"].iter().any(|host| image.starts_with(host))
}
