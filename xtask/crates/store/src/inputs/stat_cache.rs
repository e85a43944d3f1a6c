//! Digests of files that have not changed since they were last read, by what `lstat` says of them.

use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::records::{Records, Unreadable};
use crate::{atomic, rel_path::RelPath};
use memo::{Stat, now};
use model::digest::Digest;

/// Why a stat cache on disk was not used; it is rebuilt, which costs one reading of every file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Ignored {
    /// It is damaged or not a stat cache.
    #[error("the stat cache is damaged: every input is read again")]
    Damaged,
    /// It has another format.
    #[error("the stat cache has another version's format: every input is read again")]
    OtherVersion,
    /// It belongs to another directory.
    #[error("the stat cache belongs to another directory: every input is read again")]
    OtherRoot,
    /// It comes from the future.
    #[error("the clock was set back since the stat cache was written: every input is read again")]
    ClockSetBack,
    /// It could not be read.
    #[error("the stat cache could not be read: every input is read again")]
    Unreadable,
}

/// Maps (path, size, mtime, ctime, inode, mode) to a digest.
///
/// An entry is recorded only if the file was last touched well before it was read, so that a later change
/// shows in its times: git's rule for racy timestamps, applied when writing.
#[derive(Debug)]
pub struct StatCache {
    file: PathBuf,
    records: Records,
    ignored: Option<Ignored>,
}

impl StatCache {
    /// Reads the cache of `root` from `file`; whatever is wrong with it, the result is a usable cache.
    pub fn load(file: impl Into<PathBuf>, root: &Path) -> Self {
        Self::load_at(file.into(), root, now())
    }

    fn load_at(file: PathBuf, root: &Path, now: i64) -> Self {
        let owner = Digest::of(root.as_os_str().as_encoded_bytes());
        let (records, ignored) = match read(&file, owner, now) {
            Ok(records) => (records, None),
            Err(ignored) => (None, Some(ignored)),
        };
        let records = records.unwrap_or(Records { owner, written: 0, files: Vec::new() });
        Self { file, records, ignored }
    }

    /// Why the file on disk was not used, if there was one.
    pub fn ignored(&self) -> Option<Ignored> {
        self.ignored
    }

    /// The digest of a file, if it is known and unchanged. `hint` is where the search starts to look, and is left
    /// where the next path in order is likely to be.
    pub(crate) fn get(&self, path: &str, stat: &Stat, hint: &mut usize) -> Option<Digest> {
        let files = &self.records.files;
        let is_next = files.get(*hint).is_some_and(|(known, ..)| known == path);
        let at = if is_next {
            *hint
        } else {
            files.binary_search_by(|(known, ..)| known.as_str().cmp(path)).ok()?
        };
        *hint = at + 1;
        let (_, known, digest) = &files[at];
        (known == stat).then_some(*digest)
    }

    /// Merges what was newly read and writes the file whole; does nothing if nothing was.
    pub(crate) fn record(&mut self, read: Vec<(RelPath, Stat, Digest)>, reading_began: i64) -> Result<()> {
        let mut fresh: Vec<_> = read
            .into_iter()
            .filter(|(_, stat, _)| stat.is_settled(reading_began))
            .map(|(path, stat, digest)| (String::from(path), stat, digest))
            .collect();
        if fresh.is_empty() {
            return Ok(());
        }
        // A stable sort keeps the new record of a path before the old one.
        fresh.append(&mut self.records.files);
        fresh.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        fresh.dedup_by(|later, kept| later.0 == kept.0);
        self.records.files = fresh;
        self.records.written = now();
        atomic::write(&self.file, &self.records.to_bytes())
    }
}

fn read(file: &Path, owner: Digest, now: i64) -> std::result::Result<Option<Records>, Ignored> {
    let bytes = match std::fs::read(file).context("read", file) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(_) => return Err(Ignored::Unreadable),
    };
    let records = Records::from_bytes(&bytes).map_err(|why| match why {
        Unreadable::Version => Ignored::OtherVersion,
        Unreadable::Alien | Unreadable::Damaged => Ignored::Damaged,
    })?;
    if records.owner != owner {
        return Err(Ignored::OtherRoot);
    }
    // Times that repeat could make a changed file look like the recorded one.
    if records.written > now {
        return Err(Ignored::ClockSetBack);
    }
    Ok(Some(records))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn stat(mtime: i64, ctime: i64) -> Stat {
        Stat { size: 3, mtime, ctime, inode: 1, mode: 0o100_644 }
    }

    #[test]
    fn a_clock_set_back_drops_the_whole_cache() {
        let dir = tempfile::tempdir().unwrap();
        let (file, root) = (dir.path().join("stat"), dir.path());
        let mut cache = StatCache::load(&file, root);
        let then = stat(1, 1);
        cache.record(vec![(RelPath::new("a").unwrap(), then, Digest::of(b"old"))], now()).unwrap();

        let later = StatCache::load_at(file.clone(), root, now());
        assert_eq!((later.get("a", &then, &mut 0), later.ignored()), (Some(Digest::of(b"old")), None));

        let earlier = StatCache::load_at(file, root, now() - 3600 * SECOND);
        assert_eq!((earlier.get("a", &then, &mut 0), earlier.ignored()), (None, Some(Ignored::ClockSetBack)));
    }

    #[test]
    fn a_foreign_damaged_or_newer_file_is_ignored_and_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (file, root) = (dir.path().join("stat"), dir.path());
        let record = |cache: &mut StatCache| {
            cache.record(vec![(RelPath::new("a").unwrap(), stat(1, 1), Digest::of(b"a"))], now()).unwrap();
        };
        record(&mut StatCache::load(&file, root));
        let good = std::fs::read(&file).unwrap();
        assert_eq!(StatCache::load(&file, &root.join("other")).ignored(), Some(Ignored::OtherRoot));

        let newer = {
            let mut bytes = good.clone();
            bytes[8] = 2;
            bytes
        };
        let flipped = {
            let mut bytes = good.clone();
            bytes[100] ^= 1;
            bytes
        };
        for (bytes, why) in [
            (newer, Ignored::OtherVersion),
            (flipped, Ignored::Damaged),
            (good[..50].to_vec(), Ignored::Damaged),
            (b"something else".to_vec(), Ignored::Damaged),
        ] {
            std::fs::write(&file, bytes).unwrap();
            let mut cache = StatCache::load(&file, root);
            assert_eq!((cache.ignored(), cache.get("a", &stat(1, 1), &mut 0)), (Some(why), None));
            record(&mut cache);
            assert_eq!(StatCache::load(&file, root).get("a", &stat(1, 1), &mut 0), Some(Digest::of(b"a")));
        }
    }
}
