//! What can go wrong, in words that name the file and the way out.

use std::io;
use std::path::{Path, PathBuf};

use crate::inputs::belonging::Unknown;
use model::key::Key;

/// Short for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything the store can refuse to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("could not {doing} `{}`: {error}", path.display())]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The place cannot be written: a build can go on without saving.
    #[error("could not {doing} `{}`: it is read-only ({error}); make it writable or choose another directory", path.display())]
    ReadOnly {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The disk or the quota is full: nothing was saved, what was there stays.
    #[error("could not {doing} `{}`: no space left; free some, or shrink the cache with its garbage collection", path.display())]
    NoSpace {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The cache is somebody else's.
    #[error("the cache `{}` belongs to user {owner}, and this is user {own}: what comes out of it would be run; choose \
             another directory, or make it yours", path.display())]
    Foreign {
        /// The store.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who this is.
        own: u32,
    },
    /// Others may write the cache.
    #[error("others may write the cache `{0}`, and what comes out of it would be run; if nobody did, `chmod go-w {0}`, else \
             remove it", path.display())]
    Shared {
        /// The store.
        path: PathBuf,
    },
    /// The store was written by a newer version of this tool.
    #[error("the cache `{}` has format {found}, this program knows up to {known}; update the program or choose another cache directory", path.display())]
    Newer {
        /// The marker file.
        path: PathBuf,
        /// The format that it names.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The marker file of the store is damaged or is not ours.
    #[error("`{}` does not name a cache format; if the directory is this tool's cache, remove it and build again", path.display())]
    Marker {
        /// The marker file.
        path: PathBuf,
    },
    /// Stored content is not what it was; it must be built again.
    #[error("cache entry {key:.12} is damaged: `{file}` {problem}; {}build it again", if *evicted { "it was evicted, " } else { "" })]
    Corrupt {
        /// The entry.
        key: Key,
        /// The file of the entry, or the path inside its tree.
        file: String,
        /// What is wrong with it.
        problem: String,
        /// Whether the entry is gone; false in a store that cannot be written.
        evicted: bool,
    },
    /// A glob cannot be used.
    #[error("the glob `{glob}` is refused: {problem}")]
    Glob {
        /// The pattern as written.
        glob: String,
        /// Why it is refused.
        problem: &'static str,
    },
    /// Nobody could tell whether a file belongs to the tree that is scanned.
    #[error("cannot tell which files are inputs: {0}")]
    Belonging(Unknown),
    /// A tree holds something that an entry cannot.
    #[error("`{}` cannot be stored: {problem}", path.display())]
    Unstorable {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// Another process is writing to the store.
    #[error("the cache `{}` is being written by another process; try again when it is done", path.display())]
    Busy {
        /// The lock that is held.
        path: PathBuf,
    },
}

impl Error {
    /// True where building can go on without saving.
    pub fn is_read_only(&self) -> bool {
        matches!(self, Self::ReadOnly { .. })
    }

    /// True for a file that is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }

    pub(crate) fn io(doing: &'static str, path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly { doing, path, error }
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { doing, path, error },
            _ => Self::Io { doing, path, error },
        }
    }
}

/// Adds what was being done, and to which file, to an I/O result.
pub(crate) trait Context<T> {
    fn context(self, doing: &'static str, path: impl AsRef<Path>) -> Result<T>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, doing: &'static str, path: impl AsRef<Path>) -> Result<T> {
        self.map_err(|error| Error::io(doing, path.as_ref(), error))
    }
}
