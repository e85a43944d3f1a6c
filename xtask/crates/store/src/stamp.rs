//! The note beside a restored tree: which entry it is, and what `lstat` said of each file afterwards.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::digest::Digest;
use crate::error::{Context, Result};
use crate::key::Key;
use crate::records::Records;
use crate::rel_path::RelPath;
use crate::stat::Stat;
use crate::stat_cache;
use crate::tree::TreeDoc;

/// The key of the entry that `dest` was restored from, if nothing below it changed since. Reads no content.
///
/// Added and removed files show in the dates of directories: a restore sets every date to one long past.
pub fn restored_key(dest: &Path) -> Option<Key> {
    let records = Records::from_bytes(&fs::read(path(dest)).ok()?).ok()?;
    let same = |(path, stat, _): &(String, Stat, Digest)| {
        fs::symlink_metadata(below(dest, path)).is_ok_and(|meta| Stat::of(&meta) == *stat)
    };
    records.files.par_iter().with_min_len(256).all(same).then(|| Key::new(records.owner))
}

/// Notes what lies at `place` in a file that is not yet the stamp of anything.
pub(crate) fn draft(place: &Path, tree: &TreeDoc, draft: &Path) -> Result<()> {
    let mut paths: BTreeSet<&str> = tree.nodes.keys().flat_map(RelPath::parents).collect();
    paths.extend(tree.nodes.keys().map(AsRef::<str>::as_ref));
    paths.insert("");
    let files = paths
        .into_iter()
        .map(|path| {
            let full = below(place, path);
            let meta = fs::symlink_metadata(&full).context("look at", &full)?;
            Ok((path.to_owned(), Stat::of(&meta), Digest::from_bytes([0; 32])))
        })
        .collect::<Result<_>>()?;
    let records = Records { owner: *tree.key.digest(), written: stat_cache::now(), files };
    fs::write(draft, records.to_bytes()).context("write", draft)
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
fn below(dest: &Path, path: &str) -> PathBuf {
    if path.is_empty() { dest.to_owned() } else { dest.join(path) }
}

fn path(dest: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(dest.file_name().unwrap_or_default());
    name.push(".stamp");
    dest.with_file_name(name)
}
