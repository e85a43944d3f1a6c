//! The files of a cache.

use camino::{Utf8Path, Utf8PathBuf};
use std::time::SystemTime;
use walkdir::WalkDir;

use crate::PackError;
use crate::manifest::utf8;

/// A file or a link of a cache.
pub(super) struct File {
    /// Below the cache.
    pub(super) path: Utf8PathBuf,
    /// Its size.
    pub(super) bytes: u64,
    /// When it was last written or used.
    pub(super) modified: SystemTime,
    is_link: bool,
}

impl File {
    /// Copies it from one cache into another, with its time.
    pub(super) fn copy(&self, from: &Utf8Path, to: &Utf8Path) -> Result<(), PackError> {
        let (from, to) = (from.join(&self.path), to.join(&self.path));
        if let Some(parent) = to.parent() {
            fs_err::create_dir_all(parent)?;
        }
        if self.is_link {
            return Ok(fs_err::os::unix::fs::symlink(fs_err::read_link(&from)?, &to)?);
        }
        fs_err::copy(&from, &to)?;
        // Reading suffices to set a time, and a cached file may be read-only.
        Ok(fs_err::File::open(&to)?.file().set_modified(self.modified)?)
    }
}

/// Every file and link below a directory that is worth carrying; none if there is no such directory.
pub(super) fn files(root: &Utf8Path) -> Result<Vec<File>, PackError> {
    let mut files = Vec::new();
    if !root.exists() {
        return Ok(files);
    }
    for entry in WalkDir::new(root).sort_by_file_name() {
        let entry = entry.map_err(std::io::Error::from)?;
        let path = utf8(entry.path())?;
        let path = path.strip_prefix(root).unwrap_or(path).to_owned();
        let kind = entry.file_type();
        if !(kind.is_file() || kind.is_symlink()) || super::is_state(&path) {
            continue;
        }
        let metadata = entry.metadata().map_err(std::io::Error::from)?;
        files.push(File {
            path,
            bytes: metadata.len(),
            modified: metadata.modified()?,
            is_link: kind.is_symlink(),
        });
    }
    Ok(files)
}
