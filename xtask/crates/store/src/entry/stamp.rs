//! The note beside a restored tree: which entry it is, and what `lstat` said of each file afterwards.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::error::{Context, Result};
use crate::records::Records;
use crate::rel_path::RelPath;
use crate::tree::{Node, TreeDoc};
use memo::Stat;
use model::digest::Digest;
use model::key::Key;

/// In place of the content of a directory.
pub(crate) const NONE: Digest = Digest::from_bytes([0; 32]);

/// The key of the entry that `dest` was restored from, if nothing below it changed since. Reads no content.
///
/// Added and removed files show in the dates of directories: a restore sets every date to one long past.
pub fn restored_key(dest: &Path) -> Option<Key> {
    let stamp = path(dest);
    memo::saw(&stamp);
    let records = Records::from_bytes(&fs::read(stamp).ok()?).ok()?;
    if touched(dest, &records).is_some() {
        return None;
    }
    records.files.iter().for_each(|(path, stat, _)| memo::saw_as(dest, path, *stat));
    Some(Key::new(records.owner))
}

/// Something below `dest` that `lstat` sees changed since the stamp was made.
pub(crate) fn touched(dest: &Path, records: &Records) -> Option<PathBuf> {
    let changed = |(path, stat, _): &&(String, Stat, Digest)| {
        !fs::symlink_metadata(below(dest, path)).is_ok_and(|meta| Stat::of(&meta) == *stat)
    };
    let found = records.files.par_iter().with_min_len(256).find_any(changed)?;
    Some(below(dest, &found.0))
}

/// Notes what lies at `place` in a file that is not yet the stamp of anything.
pub(crate) fn draft(place: &Path, tree: &TreeDoc, draft: &Path) -> Result<()> {
    let mut contents: BTreeMap<&str, Digest> =
        tree.nodes.keys().flat_map(RelPath::parents).map(|dir| (dir, NONE)).collect();
    contents.insert("", NONE);
    contents.extend(tree.nodes.iter().map(|(path, node)| {
        let digest = match node {
            Node::File { digest, .. } => *digest,
            Node::Link { target } => Digest::of(target.as_bytes()),
            Node::Dir {} => NONE,
        };
        (path.as_str(), digest)
    }));
    let records = records(place, *tree.key.digest(), contents)?;
    fs::write(draft, records.to_bytes()).context("write", draft)
}

/// What lies at `place` now, where each path has the content that the caller knows of.
pub(crate) fn records<'a>(
    place: &Path,
    owner: Digest,
    contents: impl IntoIterator<Item = (&'a str, Digest)>,
) -> Result<Records> {
    let record = |(path, digest): (&str, Digest)| {
        let full = below(place, path);
        let meta = fs::symlink_metadata(&full).context("look at", &full)?;
        Ok((path.to_owned(), Stat::of(&meta), digest))
    };
    let files = contents.into_iter().map(record).collect::<Result<_>>()?;
    Ok(Records { owner, written: memo::now(), files })
}

/// Makes a draft the stamp of `dest`.
pub(crate) fn publish(draft: &Path, dest: &Path) -> Result<()> {
    let path = path(dest);
    fs::rename(draft, &path).context("replace", &path)
}

/// Says that what lies at `dest` is no entry's tree.
pub(crate) fn remove(dest: &Path) -> Result<()> {
    let path = path(dest);
    match fs::remove_file(&path).context("remove", &path) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

/// Joins; the empty path is `dest` itself, without a slash that would follow a link.
pub(crate) fn below(dest: &Path, path: &str) -> PathBuf {
    if path.is_empty() { dest.to_owned() } else { dest.join(path) }
}

/// Where the stamp of a tree is.
pub(crate) fn path(dest: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(dest.file_name().unwrap_or_default());
    name.push(".stamp");
    dest.with_file_name(name)
}
