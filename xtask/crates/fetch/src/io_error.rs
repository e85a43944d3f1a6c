//! A file operation that failed.

use camino::{Utf8Path, Utf8PathBuf};
use std::io;

/// A file operation that failed: what was done, on which path.
#[derive(Debug, thiserror::Error)]
#[error("{doing} {path}: {error}")]
pub struct IoError {
    doing: &'static str,
    path: Utf8PathBuf,
    error: io::Error,
}

impl IoError {
    pub(crate) fn new(doing: &'static str, path: impl AsRef<Utf8Path>, error: io::Error) -> Self {
        Self { doing, path: path.as_ref().to_owned(), error }
    }

    /// Is the disk (or the quota) full?
    pub fn is_disk_full(&self) -> bool {
        matches!(self.error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }
}
