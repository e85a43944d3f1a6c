//! Compiler caches between builders: a seed goes in before a build, what the build used comes out after it.
//!
//! BuildKit keeps a cache mount on the builder that wrote it, so a fresh builder has none. An image carries it instead.

mod files;

use camino::{Utf8Path, Utf8PathBuf};
use files::{File, files};
use std::fmt;
use std::time::SystemTime;

use crate::PackError;

/// What was carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that stayed behind, being there already, unused or beyond the limit.
    pub left: u64,
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files, {} bytes, without {}", self.files, self.bytes, self.left)
    }
}

/// In a cache: which of its files a seed brought last, one a line. `build.sh` counts those that were used.
const SEEDED: &str = ".seeded";

/// Copies a seed into a cache: files that are there already stay.
pub fn load(from: &Utf8Path, to: &Utf8Path) -> Result<Carried, PackError> {
    let mut carried = Carried::default();
    let mut brought = String::new();
    fs_err::create_dir_all(to)?;
    for file in files(from)? {
        if to.join(&file.path).symlink_metadata().is_ok() {
            carried.left += 1;
        } else {
            carried.add(&file);
            file.copy(from, to)?;
            brought.extend([file.path.as_str(), "\n"]);
        }
    }
    fs_err::write(to.join(SEEDED), brought)?;
    Ok(carried)
}

/// Copies what a build wrote or used, newest first, as far as it fits into `max_bytes`.
///
/// ccache renews the time of a result that it reuses, so a file that is older than `since`, which the build touched when
/// it began, was of no use to it.
pub fn dump(
    from: &Utf8Path,
    to: &Utf8Path,
    since: Option<&Utf8Path>,
    max_bytes: u64,
) -> Result<Carried, PackError> {
    let stamp: Option<(Utf8PathBuf, SystemTime)> = match since {
        Some(file) => Some((file.to_owned(), fs_err::metadata(file)?.modified()?)),
        None => None,
    };
    let mut found = files(from)?;
    found.sort_by(|one, other| other.modified.cmp(&one.modified).then_with(|| one.path.cmp(&other.path)));
    let mut carried = Carried::default();
    fs_err::create_dir_all(to)?;
    let mut full = false;
    for file in found {
        let (used, is_stamp) = match &stamp {
            Some((stamp, since)) => (file.modified >= *since, from.join(&file.path) == *stamp),
            None => (true, false),
        };
        full |= carried.bytes + file.bytes > max_bytes;
        if used && !is_stamp && !full {
            carried.add(&file);
            file.copy(from, to)?;
        } else {
            carried.left += u64::from(!is_stamp);
        }
    }
    Ok(carried)
}

impl Carried {
    fn add(&mut self, file: &File) {
        self.files += 1;
        self.bytes += file.bytes;
    }
}

/// Names that describe a cache's state on one machine rather than results.
fn is_state(path: &Utf8Path) -> bool {
    path.components().any(|part| ["stats", "tmp", "lock"].contains(&part.as_str()))
        || path.extension() == Some("lock")
        || path == SEEDED
}

#[cfg(test)]
mod tests;
