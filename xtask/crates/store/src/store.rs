//! The store itself: opening, looking up, reserving.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::entry::Entry;
use crate::entry::reservation::Reservation;
use crate::error::{Context, Error, Result};
use crate::layout::Layout;
use crate::lock::Exclusive;
use model::key::Key;

/// A directory of built packages, shared by every process of a machine. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    layout: Arc<Layout>,
}

/// The answer to "who makes this?".
#[derive(Debug)]
pub enum Reserved {
    /// It has been made.
    Hit(Entry),
    /// The caller makes it; everybody else waits.
    Vacant(Reservation),
}

impl Store {
    /// Opens the store below `dir`, making it first if need be. One that cannot be written still serves hits.
    pub fn open(dir: &Path) -> Result<Self> {
        Ok(Self { layout: Arc::new(Layout::open(dir)?) })
    }

    /// The store below `dir` for who only looks: if there is none, none is made, and nothing is found.
    pub fn look(dir: &Path) -> Result<Self> {
        Ok(Self { layout: Arc::new(Layout::find(dir)?.0) })
    }

    /// Where the store lies.
    pub fn path(&self) -> &Path {
        self.layout.root()
    }

    /// A directory below the store for a cache that looks after itself (downloads, ccache, probes).
    pub fn scratch(&self, name: &str) -> Result<PathBuf> {
        let path = self.layout.scratch().join(name);
        std::fs::create_dir_all(&path).context("create", &path)?;
        Ok(path)
    }

    /// Where processes have the directories that they work in, each an [`OwnedDir`](crate::OwnedDir).
    pub fn work(&self) -> PathBuf {
        self.layout.work()
    }

    /// Where the stat cache of one working copy lies; its directory is made when it is first saved.
    pub fn stat_cache(&self, root: &Path) -> PathBuf {
        let name = model::digest::Digest::of(root.as_os_str().as_encoded_bytes());
        self.layout.root().join("stat").join(format!("{name:.32}"))
    }

    /// Where answers are kept; the directory is made when the first one is.
    pub fn answers(&self) -> PathBuf {
        self.layout.root().join("memo")
    }

    /// Finds an entry; one that turns out to be damaged is evicted and reported as `Error::Corrupt`.
    pub fn lookup(&self, key: &Key) -> Result<Option<Entry>> {
        Entry::open(&self.layout, key)
    }

    /// Removes an entry, if it is there, so that it has to be made again.
    pub fn evict(&self, key: &Key) -> Result<()> {
        crate::entry::evict(&self.layout, key)
    }

    /// Finds an entry or takes on making it. While another process makes it, `on_wait` is told that process's
    /// number, if known, and this call blocks. A damaged entry is evicted and counts as absent.
    ///
    /// In a store that cannot be written nobody waits: every caller may build, and its commit is refused.
    pub fn reserve(&self, key: &Key, on_wait: impl FnMut(Option<u32>)) -> Result<Reserved> {
        let first = self.lookup(key);
        if let Ok(Some(entry)) = first {
            return Ok(Reserved::Hit(entry));
        }
        let lock = Layout::made(self.layout.locks())
            .and_then(|locks| Exclusive::acquire(&locks.join(key.to_string()), on_wait));
        let lock = match lock {
            Ok(lock) => Some(lock),
            Err(Error::ReadOnly { .. } | Error::NoSpace { .. }) => None,
            Err(error) => return Err(error),
        };
        let evicted = match self.lookup(key) {
            Ok(Some(entry)) => return Ok(Reserved::Hit(entry)),
            Ok(None) => first.err(),
            Err(error) => Some(error),
        };
        Ok(Reserved::Vacant(Reservation::new(Arc::clone(&self.layout), *key, lock, evicted)))
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }
}
