//! Puts a stored tree at a place: complete and verified, or not at all.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use crate::entry::Entry;
use crate::entry::blobs;
use crate::entry::stamp;
use crate::error::{Context, Error, Result};
use crate::inputs::hash;
use crate::layout::Layout;
use crate::lock::Exclusive;
use crate::parallel;
use crate::rel_path::RelPath;
use crate::tree::Node;
use model::digest::Digest;

/// From here on one thread copies while others verify.
const LARGE: u64 = 32 << 20;
/// Restored files all carry this date, so that any later write shows in it: 2000-01-01.
pub(crate) const DATE: Duration = Duration::from_hours(262_968);

/// What a restore did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Files written.
    pub files: usize,
    /// Bytes in them.
    pub bytes: u64,
}

/// Who may write to what is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// The user whose checkout it is in.
    Checkout,
    /// Nobody: builds share it, and what is sound is left as it is.
    Builds,
}

impl Entry {
    /// Puts the tree at `dest`, replacing a directory that is there in one step once the new one is complete.
    ///
    /// Every byte is verified on the way. What does not match is evicted and reported as `Error::Corrupt`, and
    /// `dest` stays as it was.
    pub fn restore(&self, dest: &Path) -> Result<Restored> {
        restore(self, dest, For::Checkout)
    }

    /// The same for a place from which builds read: a [sealed](crate::shared) tree. A sound one is left as it is.
    pub fn restore_sealed(&self, dest: &Path) -> Result<Restored> {
        restore(self, dest, For::Builds)
    }

    /// True while `dest` is what `restore` made of this entry, untouched: one `lstat` a file.
    pub fn is_restored_at(&self, dest: &Path) -> bool {
        stamp::restored_key(dest).as_ref() == Some(self.key())
    }
}

fn restore(entry: &Entry, dest: &Path, whom: For) -> Result<Restored> {
    let layout = entry.layout();
    let dest = std::path::absolute(dest).context("resolve", dest)?;
    let refuse = |problem: &str| Error::Unstorable { path: dest.clone(), problem: problem.to_owned() };
    let (Some(parent), Some(name)) = (dest.parent(), dest.file_name()) else {
        return Err(refuse("a package cannot be put there"));
    };
    if fs::symlink_metadata(&dest).is_ok_and(|meta| !meta.is_dir()) {
        return Err(refuse("a package would replace it, but it is not a directory: remove it first"));
    }
    fs::create_dir_all(parent).context("create", parent)?;
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".new-");
    let _lock = match lock_place(layout, &dest) {
        Ok(lock) => {
            remove_leftovers(parent, &prefix);
            Some(lock)
        }
        // Without a writable store nobody else restores from it to here either, but by a race that both win.
        Err(error) if error.is_read_only() => None,
        Err(error) => return Err(error),
    };

    let done = Restored { files: entry.tree().files().count(), bytes: entry.tree().bytes() };
    if whom == For::Builds && entry.is_restored_at(&dest) {
        return Ok(done);
    }
    let temp = tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).context("write into", parent)?;
    let fresh = temp.path().join("tree");
    fill(layout, entry, &fresh, whom)?;
    // Drafted once before the swap, so that a disk without room for it fails while the old package is there.
    let draft = temp.path().join("stamp");
    stamp::draft(&fresh, entry.tree(), &draft)?;
    stamp::remove(&dest)?;
    swap(&fresh, &dest)?;
    stamp::draft(&dest, entry.tree(), &draft)?;
    stamp::publish(&draft, &dest)?;
    Ok(done)
}

fn lock_place(layout: &Layout, dest: &Path) -> Result<Exclusive> {
    let name = Digest::of(dest.as_os_str().as_encoded_bytes());
    Exclusive::acquire(&Layout::made(layout.locks())?.join(format!("place-{name:.32}")), |_| {})
}

/// Removes what a killed restore left beside the place; the lock says that nobody is at work there.
fn remove_leftovers(parent: &Path, prefix: &OsString) {
    for item in fs::read_dir(parent).into_iter().flatten().flatten() {
        if item.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            drop(fs::remove_dir_all(item.path()));
        }
    }
}

fn fill(layout: &Layout, entry: &Entry, root: &Path, whom: For) -> Result<()> {
    let nodes = &entry.tree().nodes;
    let mut dirs: BTreeSet<&str> = nodes.keys().flat_map(RelPath::parents).collect();
    dirs.extend(nodes.iter().filter(|(_, node)| **node == Node::Dir {}).map(|(path, _)| path.as_str()));
    let dirs: Vec<PathBuf> =
        std::iter::once(root.to_owned()).chain(dirs.iter().map(|dir| root.join(dir))).collect();
    for dir in &dirs {
        fs::create_dir(dir).context("create", dir)?;
        fs::set_permissions(dir, Permissions::from_mode(0o755)).context("open up", dir)?;
    }
    let (mut files, clones) = (Vec::new(), AtomicBool::new(true));
    for (path, node) in nodes {
        match node {
            Node::Dir {} => {}
            Node::Link { target } => {
                let place = root.join(path.as_str());
                std::os::unix::fs::symlink(target, &place).context("link", &place)?;
            }
            Node::File { digest, size, executable } => files.push((*size, path, digest, *executable)),
        }
    }
    // The largest first, so that no thread is left alone with it at the end.
    files.sort_unstable_by(|a, b| b.cmp(a));
    let writable = if whom == For::Checkout { 0o200 } else { 0 };
    let copied = parallel::map(&files, |(size, path, digest, executable)| {
        let blob = layout.blob(digest);
        let mode = writable | if *executable { 0o555 } else { 0o444 };
        match copy(&blob, &root.join(path.as_str()), *size, mode, &clones)? {
            Some(found) if found == **digest => Ok(()),
            found => Err(bad_blob(entry, path.as_str(), &blob, digest, *size, found)),
        }
    });
    copied.into_iter().collect::<Result<()>>()?;
    for dir in dirs.iter().rev() {
        File::open(dir).and_then(|file| file.set_modified(UNIX_EPOCH + DATE)).context("date", dir)?;
    }
    Ok(())
}

/// Copies a blob, sharing its blocks where the file system can, and digests it; `None` if it is not there.
fn copy(blob: &Path, target: &Path, size: u64, mode: u32, clones: &AtomicBool) -> Result<Option<Digest>> {
    let mut from = match File::open(blob).context("open", blob) {
        Ok(file) => file,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let (to, digest) = if cfg!(target_os = "macos") {
        // There the standard library shares blocks by itself.
        fs::copy(blob, target).context("write", target)?;
        (File::open(target).context("open", target)?, hash::file(blob, size)?)
    } else {
        let mut to = File::create_new(target).context("create", target)?;
        let digest = if clones.load(Ordering::Relaxed) && clone(&from, &to) {
            hash::file(blob, size)?
        } else {
            clones.store(false, Ordering::Relaxed);
            write(&mut from, blob, &mut to, target, size)?
        };
        (to, digest)
    };
    to.set_permissions(Permissions::from_mode(mode)).context("set the mode of", target)?;
    to.set_modified(UNIX_EPOCH + DATE).context("date", target)?;
    Ok(Some(digest))
}

/// Writes a copy and digests it.
fn write(from: &mut File, blob: &Path, to: &mut File, target: &Path, size: u64) -> Result<Digest> {
    if size < LARGE {
        return hash::copy(from, blob, to, target);
    }
    let (copied, digest) = rayon::join(|| io::copy(from, to), || hash::file(blob, size));
    copied.context("write", target)?;
    digest
}

#[cfg(target_os = "linux")]
fn clone(from: &File, to: &File) -> bool {
    rustix::fs::ioctl_ficlone(to, from).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn clone(_from: &File, _to: &File) -> bool {
    false
}

fn bad_blob(
    entry: &Entry,
    path: &str,
    blob: &Path,
    digest: &Digest,
    size: u64,
    found: Option<Digest>,
) -> Error {
    // Another process may have replaced it since.
    if !blobs::is_sound(blob, digest, size) {
        drop(fs::remove_file(blob));
    }
    entry.corrupt(path, found.map_or("is missing", |_| "is not what was stored").to_owned())
}

/// Puts `fresh` at `dest`; what was there ends up at `fresh`, to be removed by its owner.
fn swap(fresh: &Path, dest: &Path) -> Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    if !dest.exists() {
        return fs::rename(fresh, dest).context("move into place", dest);
    }
    if renameat_with(CWD, fresh, CWD, dest, RenameFlags::EXCHANGE).is_ok() {
        return Ok(());
    }
    // A file system that cannot exchange: for a moment there is nothing at the place.
    let aside = fresh.with_file_name("old");
    fs::rename(dest, &aside).context("move aside", dest)?;
    fs::rename(fresh, dest).inspect_err(|_| drop(fs::rename(&aside, dest))).context("move into place", dest)
}
