//! A package as an OCI image: a layout directory or one tar, the same bytes each time.

mod documents;
mod layer;
mod listing;
mod package;
mod read;
mod write;

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::manifest::Manifest;
use model::platform::Platform;

pub use documents::blob_path;
pub use listing::{Listed, Listing, list};
pub use package::manifest_in;
pub use read::{Content, Image, read};
pub use write::{Written, write};

/// What an image says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSpec {
    /// Its name and tag, as in `localhost/llama-cpp:cpu`.
    pub reference: String,
    /// What it runs on.
    pub platform: Platform,
    /// What is started.
    pub entrypoint: Vec<String>,
    /// Labels, by name.
    pub labels: BTreeMap<String, String>,
    /// How its layer is stored.
    pub compression: Compression,
}

/// How a layer is stored. Gzip is what every Docker and containerd can read; zstd would bring a C library into the build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// As it is: quickest to write and to load.
    None,
    /// Gzip.
    #[default]
    Gzip,
}

/// How an image lies on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An OCI layout directory.
    Directory,
    /// The layout in one tar, with the `manifest.json` that Docker's older archives have.
    Tar,
}

impl Form {
    /// The form that a path's name asks for: a tar if it ends in `.tar`.
    pub fn of(path: &Utf8Path) -> Self {
        if path.extension() == Some("tar") { Self::Tar } else { Self::Directory }
    }
}

impl ImageSpec {
    /// The image of a package, started by its launcher.
    pub fn of(manifest: &Manifest, reference: impl Into<String>) -> Self {
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let labels = [
            label("org.opencontainers.image.title", &manifest.name),
            label("package.key", &manifest.key),
            label("package.variant", &manifest.variant),
        ];
        Self {
            reference: reference.into(),
            platform: manifest.platform,
            entrypoint: vec![format!("/{}", crate::RUN_FILE)],
            labels: labels.into(),
            compression: Compression::default(),
        }
    }
}
