//! What directories hold, while others may write to them.

use crate::error::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Names and paths in a directory; none if there is no such directory.
pub(crate) fn list(dir: &Path) -> Result<Vec<(String, PathBuf)>> {
    let items = match fs::read_dir(dir).context("list", dir) {
        Ok(items) => items,
        Err(error) if error.is_not_found() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for item in items {
        let item = item.context("list", dir)?;
        found.push((item.file_name().to_string_lossy().into_owned(), item.path()));
    }
    Ok(found)
}

/// All bytes of the files below a path; what disappears meanwhile does not count.
pub(crate) fn bytes_below(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => {
            fs::read_dir(path).into_iter().flatten().flatten().map(|item| bytes_below(&item.path())).sum()
        }
        Ok(meta) => meta.len(),
        Err(_) => 0,
    }
}

pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}
