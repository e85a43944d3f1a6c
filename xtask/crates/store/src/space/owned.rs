//! Directories that one process works in. Who owns one is known by a lock beside it, which goes with its owner however that
//! ends; numbers of processes come back.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::layout::Layout;
use crate::lock::Exclusive;
use crate::space::listing;

/// A directory that goes with this value.
#[derive(Debug)]
pub struct OwnedDir {
    path: PathBuf,
    _turn: Exclusive,
}

impl OwnedDir {
    /// Makes `parent/name`, empty. While another process owns it, `on_wait` is told that process's number, if known, and
    /// this call blocks.
    pub fn claim(parent: &Path, name: &str, on_wait: impl FnMut(Option<u32>)) -> Result<Self> {
        let lock = lock_of(&Layout::made(parent.to_owned())?, name);
        Self::make(parent.join(name), Exclusive::acquire(&lock, on_wait)?)
    }

    /// Makes an empty directory of that name, or of one that begins so if others own that.
    pub fn beside(parent: &Path, name: &str) -> Result<Self> {
        Layout::made(parent.to_owned())?;
        let mut number = 0;
        loop {
            let name = if number == 0 { name.to_owned() } else { format!("{name}-{number}") };
            if let Some(turn) = Exclusive::attempt(&lock_of(parent, &name))? {
                return Self::make(parent.join(name), turn);
            }
            number += 1;
        }
    }

    fn make(path: PathBuf, turn: Exclusive) -> Result<Self> {
        // Under the lock, what lies there was left by a process that is gone.
        remove(&path)?;
        fs::create_dir(&path).context("create", &path)?;
        Ok(Self { path, _turn: turn })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for OwnedDir {
    fn drop(&mut self) {
        // What cannot be removed now is left for the next collection.
        drop(remove(&self.path));
    }
}

/// What processes that are gone have left in `parent`.
pub fn abandoned(parent: &Path) -> Result<Vec<PathBuf>> {
    let names = names(parent)?.into_iter();
    let free = names.filter(|name| Exclusive::is_free(&lock_of(parent, name)));
    Ok(free.map(|name| parent.join(name)).filter(|path| path.symlink_metadata().is_ok()).collect())
}

/// Removes what processes that are gone have left in `parent`; what was removed, with its bytes.
pub fn collect_abandoned(parent: &Path) -> Result<Vec<(PathBuf, u64)>> {
    let mut removed = Vec::new();
    for name in names(parent)? {
        let Some(_turn) = Exclusive::attempt(&lock_of(parent, &name))? else { continue };
        let path = parent.join(name);
        if path.symlink_metadata().is_ok() {
            let bytes = listing::bytes_below(&path);
            remove(&path)?;
            removed.push((path, bytes));
        }
    }
    Ok(removed)
}

/// Everything that is there, or that a lock is there for.
fn names(parent: &Path) -> Result<BTreeSet<String>> {
    let listed = listing::list(parent)?.into_iter().map(|(name, _)| name);
    Ok(listed.map(|name| owner_of(&name).map_or_else(|| name.clone(), str::to_owned)).collect())
}

fn lock_of(parent: &Path, name: &str) -> PathBuf {
    parent.join(format!(".{name}.lock"))
}

fn owner_of(lock: &str) -> Option<&str> {
    lock.strip_prefix('.')?.strip_suffix(".lock")
}

/// Removes whatever is at a path, if anything is.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let is_dir = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir());
    let removed = if is_dir { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed.context("remove", path) {
        Err(error) if error.is_not_found() => Ok(()),
        done => done,
    }
}
