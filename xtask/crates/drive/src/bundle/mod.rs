//! Packages in one file, for machines without a network.
//!
//! The file is a tar of an OCI layout: one list of platforms for each published name, their images, the index by which
//! LocalAI installs them, and a checksum of every file. Equal packages are equal bytes.

mod find;
mod install;
mod push;
mod read;
mod write;

pub use find::{Found, find};
pub use install::{Installed, install};
pub use push::push;
pub use read::{Bundle, Image, Leg};
pub use write::write;

/// The list of images.
const INDEX: &str = "index.json";
/// What says that it is a layout.
const LAYOUT: &str = "oci-layout";
/// LocalAI's index of what is in it.
const GALLERY: &str = "gallery.yaml";
/// The checksums of all other files, as `sha256sum --check` reads them.
const SUMS: &str = "SHA256SUMS";
/// Stands in the index for the repository that images are pushed to.
pub const PLACE: &str = "bundle.invalid/backends";
/// What tags begin with.
pub const NAME: &str = "latest";
/// The annotation that holds a tag.
const TAG: &str = "org.opencontainers.image.ref.name";
/// The annotation that holds the name of a backend.
const ALIAS: &str = "package.backend";
/// The annotation that holds the key of a package.
const KEY: &str = crate::make::KEY_LABEL;
/// What a package may unpack to: those with a whole CUDA in them are the largest.
const LARGEST: u64 = 32 << 30;
