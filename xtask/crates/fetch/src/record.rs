//! The note beside a fetched tree: that it is whole, and what it was.

use crate::error::IoError;
use camino::Utf8Path;
use model::source::Sha256;
use std::fs;
use std::io::Write as _;

/// What is known of a tree in the cache.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// The mirror that had it, in words.
    pub mirror: String,
    /// Digest before patches: the pin's `tree`.
    pub tree: Sha256,
    /// Digest of what lies there, patches applied.
    pub patched: Sha256,
    /// Files and links.
    pub files: u64,
    /// Bytes in files.
    pub bytes: u64,
}

impl Record {
    /// Writes the record so that it is there whole or not at all.
    pub(crate) fn write(&self, path: &Utf8Path) -> Result<(), IoError> {
        let failed = |error| IoError::new("writing", path, error);
        let text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        let part = path.with_extension("json.part");
        let mut file = fs::File::create(&part).map_err(failed)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&part, path).map_err(failed)
    }

    /// Reads a record back.
    pub(crate) fn read(path: &Utf8Path) -> Result<Self, IoError> {
        let failed = |error| IoError::new("reading", path, error);
        let text = fs::read(path).map_err(failed)?;
        serde_json::from_slice(&text).map_err(|error| failed(error.into()))
    }
}
