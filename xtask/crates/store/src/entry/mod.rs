//! A finished entry: looking it up, reading it, evicting it when it is damaged.

pub(crate) mod blobs;
pub(crate) mod reservation;
pub(crate) mod restore;
pub(crate) mod stamp;
pub(crate) mod verify;

use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::error::{Context, Error, Result};
use crate::layout::Layout;
use crate::lock::{self, Writing};
use crate::tree::{self, TreeDoc};
use model::digest::Digest;
use model::key::Key;

/// A package in the store. While it is held, garbage collection leaves it alone.
#[derive(Debug)]
pub struct Entry {
    layout: Arc<Layout>,
    tree: TreeDoc,
    in_use: File,
}

impl Entry {
    pub(crate) fn open(layout: &Arc<Layout>, key: &Key) -> Result<Option<Self>> {
        let path = layout.entry(key).join("tree.json");
        let mut file = match File::open(&path).context("open", &path) {
            Ok(file) => file,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        if !hold(&file, &path)? {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).context("read", &path)?;
        let tree = match tree::parse(&bytes) {
            Ok(tree) if tree.key == *key => tree,
            Ok(tree) => {
                let problem = format!("belongs to {:.12}", tree.key);
                return Err(corrupt(layout, key, &file, "tree.json", problem));
            }
            Err(error) => return Err(corrupt(layout, key, &file, "tree.json", error.to_string())),
        };
        // The order of last use is what garbage collection goes by; a store that cannot be written has none.
        drop(file.set_modified(SystemTime::now()));
        Ok(Some(Self { layout: Arc::clone(layout), tree, in_use: file }))
    }

    /// The key that it was committed under.
    pub fn key(&self) -> &Key {
        &self.tree.key
    }

    /// What it holds, and how it came to be.
    pub fn tree(&self) -> &TreeDoc {
        &self.tree
    }

    /// The document that the key was computed from.
    pub fn key_document(&self) -> Result<Vec<u8>> {
        let path = self.layout.entry(self.key()).join("key.json");
        match fs::read(&path) {
            Ok(bytes) if Digest::of(&bytes) == self.tree.key_document => Ok(bytes),
            Ok(_) => Err(self.corrupt("key.json", "is not what was stored".to_owned())),
            Err(error) => Err(self.corrupt("key.json", format!("cannot be read ({error})"))),
        }
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn corrupt(&self, file: &str, problem: String) -> Error {
        corrupt(&self.layout, self.key(), &self.in_use, file, problem)
    }
}

/// Opens an entry that has just been published.
pub(crate) fn open_new(layout: &Arc<Layout>, tree: TreeDoc) -> Result<Entry> {
    let path = layout.entry(&tree.key).join("tree.json");
    let file = File::open(&path).context("open", &path)?;
    halt::lock::shared(&file, || ()).context("lock", &path)?;
    Ok(Entry { layout: Arc::clone(layout), tree, in_use: file })
}

/// Marks an entry as in use; false if it is on its way out.
fn hold(file: &File, path: &Path) -> Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => Ok(lock::is_still_at(file, path)),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("lock", path),
    }
}

/// Evicts a damaged entry, as far as the store can be written, and says so. `judged` is its document as it was
/// read: an entry that was made anew since then stays.
fn corrupt(layout: &Layout, key: &Key, judged: &File, file: &str, problem: String) -> Error {
    let gone = !lock::is_still_at(judged, &layout.entry(key).join("tree.json"));
    let evicted = gone || evict(layout, key).is_ok();
    Error::Corrupt { key: *key, file: file.to_owned(), problem, evicted }
}

/// Takes an entry away in one step, then removes it. Its blobs stay until nothing needs them.
pub(crate) fn evict(layout: &Layout, key: &Key) -> Result<()> {
    if !layout.entry(key).exists() {
        return Ok(());
    }
    let _writing = Writing::begin(&layout.lock())?;
    let (place, tmp) = (layout.entry(key), Layout::made(layout.tmp())?);
    let stage = tempfile::tempdir_in(&tmp).context("write into", &tmp)?;
    match fs::rename(&place, stage.path().join("entry")).context("evict", &place) {
        Err(error) if error.is_not_found() => Ok(()),
        done => done,
    }
}
