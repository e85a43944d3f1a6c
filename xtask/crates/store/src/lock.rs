//! Advisory file locks: released by the kernel when a process dies, whatever killed it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};

/// An exclusive lock on a file that exists only while somebody holds or waits for it.
#[derive(Debug)]
pub(crate) struct Exclusive {
    _file: File,
    path: PathBuf,
}

impl Exclusive {
    /// Takes the lock; if another process holds it, tells its number (where it is known) once, then waits.
    pub(crate) fn acquire(path: &Path, mut on_wait: impl FnMut(Option<u32>)) -> Result<Self> {
        let mut told = false;
        loop {
            let file = open(path)?;
            let tell = || {
                if !std::mem::replace(&mut told, true) {
                    on_wait(holder(&file));
                }
            };
            halt::lock::exclusive(&file, tell).context("lock", path)?;
            // The holder removes the file when it is done: a lock on a removed file protects nothing.
            if is_still_at(&file, path) {
                return Ok(Self::signed(file, path));
            }
        }
    }

    /// Takes the lock if nobody has it.
    pub(crate) fn attempt(path: &Path) -> Result<Option<Self>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) if is_still_at(&file, path) => Ok(Some(Self::signed(file, path))),
            // Its holder is just removing it.
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).context("lock", path),
        }
    }

    /// Whether nobody has the lock. Writes nothing.
    pub(crate) fn is_free(path: &Path) -> bool {
        File::open(path).map_or(true, |file| file.try_lock_shared().is_ok())
    }

    /// With the number of this process in it. That is for people only: a full disk may keep it short.
    fn signed(mut file: File, path: &Path) -> Self {
        let sign = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", std::process::id())
        };
        drop(sign(&mut file));
        Self { _file: file, path: path.to_owned() }
    }
}

impl Drop for Exclusive {
    fn drop(&mut self) {
        // While the lock is still held, so that nobody can have taken it at this path.
        drop(std::fs::remove_file(&self.path));
    }
}

/// The root lock, shared: held while anything is written, so that garbage collection keeps out.
#[derive(Debug)]
pub(crate) struct Writing {
    _file: File,
}

impl Writing {
    pub(crate) fn begin(path: &Path) -> Result<Self> {
        let file = open(path)?;
        halt::lock::shared(&file, || ()).context("lock", path)?;
        Ok(Self { _file: file })
    }
}

/// The root lock, exclusive: nobody writes.
#[derive(Debug)]
pub(crate) struct Alone {
    _file: File,
}

impl Alone {
    pub(crate) fn begin(path: &Path) -> Result<Self> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(error).context("lock", path),
        }
    }
}

/// True if an open file is still the one at a path.
pub(crate) fn is_still_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(theirs)) => (ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino()),
        _ => false,
    }
}

fn open(path: &Path) -> Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .context("open the lock", path)
}

fn holder(mut file: &File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
