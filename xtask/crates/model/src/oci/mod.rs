//! The OCI distribution world: names (repositories, tags, digests, references), and documents (manifests, indexes,
//! configurations).
//!
//! Texts become these types once, where they enter; nothing behind that point holds a tag or an image as a `String`.

mod config;
mod digest;
mod document;
mod error;
pub mod media;
mod reference;
mod repository;
mod tag;

pub use config::{History, ImageConfig, RootFs, Runtime};
pub use digest::{Algorithm, ImageDigest};
pub use document::{Descriptor, ImageManifest, ImagePlatform, Index, MAX_BYTES, Manifest, ManifestError};
pub use error::ParseError;
pub use reference::{Pointer, Reference};
pub use repository::Repository;
pub(crate) use repository::is_loopback;
pub use tag::Tag;
