//! What `lstat` tells about a file, as far as it betrays a change.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// The identity of a file's content as far as the file system shows it without reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub size: u64,
    /// Nanoseconds since 1970.
    pub mtime: i64,
    /// Nanoseconds since 1970; unlike `mtime` no program can choose it.
    pub ctime: i64,
    pub inode: u64,
    pub mode: u32,
}

impl Stat {
    pub(crate) fn of(meta: &Metadata) -> Self {
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Self {
            size: meta.size(),
            mtime: nanos(meta.mtime(), meta.mtime_nsec()),
            ctime: nanos(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
            mode: meta.mode(),
        }
    }

    pub(crate) const fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    pub(crate) const fn is_executable(&self) -> bool {
        self.mode & 0o100 != 0
    }
}
