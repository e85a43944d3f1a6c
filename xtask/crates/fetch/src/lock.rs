//! Locks between processes: a file that is locked for as long as the guard lives, and free when its owner dies.

use crate::io_error::IoError;
use camino::Utf8Path;
use std::fs::{self, File};

/// Holds a lock until dropped.
#[derive(Debug)]
pub(crate) struct Guard {
    _file: File,
}

/// Takes the lock at `path`; calls `waiting` first if somebody else has it.
pub(crate) fn lock(path: &Utf8Path, waiting: impl FnOnce()) -> Result<Guard, IoError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|e| IoError::new("making the directory", parent, e))?;
    }
    let open = File::options().create(true).truncate(false).write(true).open(path);
    let file = open.map_err(|e| IoError::new("opening the lock", path, e))?;
    halt::lock::exclusive(&file, waiting).map_err(|e| IoError::new("waiting for the lock", path, e))?;
    Ok(Guard { _file: file })
}
