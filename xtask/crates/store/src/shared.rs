//! Trees that all builds of a machine read: sources, tools, what others are compiled against.
//!
//! Each is verified once and then sealed: its files lose their write bits, and a stamp beside it tells what `lstat` says of
//! each and the digest of its content. Whoever uses a tree looks whether it is as it was sealed, and holds its stamp, so that
//! it stays. Directories keep their write bits: anybody can remove a cache, and what is added shows in their dates.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::entry::restore::DATE;
use crate::entry::stamp;
use crate::error::{Context, Error, Result};
use crate::inputs::hash;
use crate::records::Records;
use crate::space::listing;
use crate::space::owned;
use crate::{lock, parallel, rel_path};
use memo::Stat;
use model::digest::Digest;

/// The bits of a mode that let somebody write.
const WRITE: u32 = 0o222;

/// A sealed tree in use: nobody removes or replaces it as long as this value lives.
#[derive(Debug)]
pub struct Lease {
    tree: PathBuf,
    records: Records,
    stamp: File,
}

/// What lies where a shared tree belongs.
#[derive(Debug)]
pub enum Found {
    /// The tree, as it was sealed.
    Sound(Lease),
    /// One that was changed since, here.
    Changed(PathBuf),
    /// Nothing that was ever sealed.
    Unsealed,
}

/// Looks at a tree, to use it. Reads no content, unless something was touched since it was sealed.
pub fn lease(tree: &Path) -> Result<Found> {
    while let Some(stamp) = open(tree)? {
        halt::lock::shared(&stamp, || ()).context("lock", tree)?;
        // Who had it may have removed or replaced the tree.
        if !lock::is_still_at(&stamp, &stamp::path(tree)) {
            continue;
        }
        let Some(records) = read(&stamp).filter(|_| tree.symlink_metadata().is_ok()) else { break };
        // The order of last use; a cache that cannot be written has none.
        drop(stamp.set_modified(SystemTime::now()));
        let lease = Lease { tree: tree.to_owned(), records, stamp };
        if stamp::touched(tree, &lease.records).is_none() {
            return Ok(Found::Sound(lease));
        }
        if let Some(file) = lease.changed()? {
            return Ok(Found::Changed(file));
        }
        // Moved, or touched without being changed: sealed again, unless somebody shares it or it cannot be written.
        if lease.stamp.try_lock().is_ok() {
            match seal(tree, lease.records.owner) {
                Err(error) if error.is_read_only() => {}
                sealed => return sealed.map(Found::Sound),
            }
        }
        halt::lock::shared(&lease.stamp, || ()).context("lock", tree)?;
        if lock::is_still_at(&lease.stamp, &stamp::path(tree)) {
            return Ok(Found::Sound(lease));
        }
    }
    Ok(Found::Unsealed)
}

/// Seals a complete tree in its place, for somebody who then uses it. `owner` tells what it is.
pub fn seal(tree: &Path, owner: Digest) -> Result<Lease> {
    let listed = list(tree)?;
    let digests = parallel::map(&listed, |path| {
        protect(&stamp::below(tree, path)).and_then(|()| content(&stamp::below(tree, path)))
    });
    let digests = digests.into_iter().collect::<Result<Vec<_>>>()?;
    let contents = listed.iter().map(String::as_str).zip(digests.into_iter().map(|(_, digest)| digest));
    let records = stamp::records(tree, owner, contents)?;

    let dir = tree.parent().unwrap_or(tree);
    let mut draft = tempfile::Builder::new().prefix(".new-").tempfile_in(dir).context("write into", dir)?;
    draft.write_all(&records.to_bytes()).context("write", draft.path())?;
    halt::lock::shared(draft.as_file(), || ()).context("lock", draft.path())?;
    let stamp = draft.persist(stamp::path(tree)).map_err(|error| error.error).context("seal", tree)?;
    Ok(Lease { tree: tree.to_owned(), records, stamp })
}

/// Removes a tree with its seal, if it is there. While somebody uses it, `on_wait` is called and this call blocks.
pub fn discard(tree: &Path, on_wait: impl FnOnce()) -> Result<()> {
    let stamp = open(tree)?;
    if let Some(stamp) = &stamp {
        halt::lock::exclusive(stamp, on_wait).context("lock", tree)?;
        if !lock::is_still_at(stamp, &stamp::path(tree)) {
            return Ok(());
        }
    }
    stamp::remove(tree)?;
    owned::remove(tree)
}

/// Removes a tree, or only looks whether it can be; false if somebody uses it.
pub(crate) fn attempt_discard(tree: &Path, dry_run: bool) -> Result<bool> {
    let Some(stamp) = open(tree)? else { return Ok(true) };
    match stamp.try_lock() {
        Ok(()) if dry_run => Ok(true),
        Ok(()) => stamp::remove(tree).and_then(|()| owned::remove(tree)).map(|()| true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("lock", tree),
    }
}

/// All sealed trees in the directories of `scratch`, with the times of their last use.
pub(crate) fn all(scratch: &Path) -> Result<Vec<(PathBuf, SystemTime)>> {
    let mut found = Vec::new();
    for (_, dir) in listing::list(scratch)?.into_iter().filter(|(_, dir)| dir.is_dir()) {
        for (name, stamp) in listing::list(&dir)? {
            let tree = name.strip_prefix('.').and_then(|name| name.strip_suffix(".stamp"));
            found.extend(tree.and_then(|tree| Some((dir.join(tree), listing::modified(&stamp)?))));
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a tree wholly, for who only looks: what was changed since it was sealed, and its bytes.
pub(crate) fn verify(tree: &Path) -> Result<(Option<PathBuf>, u64)> {
    let Some(stamp) = open(tree)? else { return Ok((None, 0)) };
    halt::lock::shared(&stamp, || ()).context("lock", tree)?;
    let Some(records) = read(&stamp) else { return Ok((Some(stamp::path(tree)), 0)) };
    let lease = Lease { tree: tree.to_owned(), records, stamp };
    Ok((lease.changed()?, lease.bytes()))
}

impl Lease {
    /// Where the tree is.
    pub fn tree(&self) -> &Path {
        &self.tree
    }

    /// Files and links in it.
    pub fn files(&self) -> u64 {
        self.records.files.iter().filter(|(.., digest)| *digest != stamp::NONE).count() as u64
    }

    /// Bytes in its files.
    pub fn bytes(&self) -> u64 {
        self.records.files.iter().filter(|(_, stat, _)| stat.is_file()).map(|(_, stat, _)| stat.size).sum()
    }

    /// What was changed since the tree was sealed. Reads no content, unless something was touched.
    pub fn spoilt(&self) -> Result<Option<PathBuf>> {
        if stamp::touched(&self.tree, &self.records).is_none() { Ok(None) } else { self.changed() }
    }

    /// What was changed since the tree was sealed, whatever the dates say: reads everything.
    pub fn changed(&self) -> Result<Option<PathBuf>> {
        if self.tree.symlink_metadata().is_err() {
            return Ok(Some(self.tree.clone()));
        }
        let known: BTreeMap<&str, (u32, Digest)> = self
            .records
            .files
            .iter()
            .map(|(path, stat, digest)| (path.as_str(), (kind(stat), *digest)))
            .collect();
        let listed = list(&self.tree)?;
        let judged = parallel::map(&listed, |path| {
            let found = content(&stamp::below(&self.tree, path));
            found.map(|found| known.get(path.as_str()) == Some(&found))
        });
        for (path, same) in listed.iter().zip(judged) {
            if !same? {
                return Ok(Some(stamp::below(&self.tree, path)));
            }
        }
        let is_gone = |path: &&str| listed.binary_search_by(|listed| listed.as_str().cmp(path)).is_err();
        Ok(known.into_keys().find(is_gone).map(|path| stamp::below(&self.tree, path)))
    }
}

fn open(tree: &Path) -> Result<Option<File>> {
    let path = stamp::path(tree);
    match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some).context("open", &path),
    }
}

/// None if it is no stamp of this version.
fn read(mut stamp: &File) -> Option<Records> {
    let mut bytes = Vec::new();
    stamp.read_to_end(&mut bytes).ok()?;
    Records::from_bytes(&bytes).ok()
}

/// Everything in a tree, sorted; the tree itself is the empty path.
fn list(tree: &Path) -> Result<Vec<String>> {
    let (mut listed, mut next) = (vec![String::new()], 0);
    while let Some(path) = listed.get(next).cloned() {
        next += 1;
        let full = stamp::below(tree, &path);
        if !path.is_empty() && !fs::symlink_metadata(&full).context("look at", &full)?.is_dir() {
            continue;
        }
        for item in fs::read_dir(&full).context("list", &full)? {
            let item = item.context("list", &full)?;
            let name = item.file_name().into_string().map_err(|_| Error::Unstorable {
                path: item.path(),
                problem: "its name is not UTF-8".to_owned(),
            })?;
            listed.push(rel_path::join(&path, &name));
        }
    }
    listed.sort_unstable();
    Ok(listed)
}

/// Takes the write bits of a file, and gives files and directories a date long past, so that every later change shows.
fn protect(path: &Path) -> Result<()> {
    let meta = fs::symlink_metadata(path).context("look at", path)?;
    if meta.is_file() && meta.permissions().mode() & WRITE != 0 {
        let mode = Permissions::from_mode(meta.permissions().mode() & !WRITE);
        fs::set_permissions(path, mode).context("protect", path)?;
    }
    if !meta.is_symlink() && meta.modified().ok() != Some(SystemTime::UNIX_EPOCH + DATE) {
        let dated = File::open(path).and_then(|file| file.set_modified(SystemTime::UNIX_EPOCH + DATE));
        dated.context("date", path)?;
    }
    Ok(())
}

/// What a file, link or directory is, as far as it counts.
fn content(path: &Path) -> Result<(u32, Digest)> {
    let meta = fs::symlink_metadata(path).context("look at", path)?;
    let stat = Stat::of(&meta);
    let digest = if meta.is_symlink() {
        Digest::of(fs::read_link(path).context("read the link", path)?.as_os_str().as_encoded_bytes())
    } else if meta.is_file() {
        hash::file(path, stat.size)?
    } else {
        stamp::NONE
    };
    Ok((kind(&stat), digest))
}

/// The bits of a mode that count: what it is, and whether a file can be run.
fn kind(stat: &Stat) -> u32 {
    stat.mode & if stat.is_file() { 0o170_100 } else { 0o170_000 }
}
