//! Images as files: a layout in one tar, the same bytes each time, and what the layers of any image hold.

mod documents;
mod layer;
mod listing;
mod read;
mod write;

use camino::{Utf8Path, Utf8PathBuf};
use model::oci::{Repository, Tag};
use model::platform::Platform;
use std::collections::BTreeMap;
use std::io;

pub use documents::{VERSION, blob_path};
pub use layer::{file_in, write_tar};
pub use listing::{Listed, Listing};
pub use read::{Content, Image, read};
pub use write::{Written, add, write};

/// What an image says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSpec {
    /// Its name, as in `localhost/llama-cpp`.
    pub repository: Repository,
    /// Its tag: archives without one are not loadable by name.
    pub tag: Tag,
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

/// Why an image or a layer could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not what it should be.
    #[error("{path}: {reason}")]
    Malformed {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl LayoutError {
    fn malformed(path: &Utf8Path, reason: impl Into<String>) -> Self {
        Self::Malformed { path: path.to_owned(), reason: reason.into() }
    }
}
