//! Reads every file of the checkout once, several at a time.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use halt::Run;
use model::manifest::Files;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::process::Command;

/// The texts, and the names of what is no text.
pub fn read(root: &Utf8Path) -> Result<(Files, BTreeSet<Utf8PathBuf>)> {
    let read: Vec<(Utf8PathBuf, Option<String>)> =
        names(root)?.into_par_iter().filter_map(|name| one(root, name).transpose()).collect::<Result<_>>()?;
    let (texts, others): (Vec<_>, Vec<_>) = read.into_iter().partition(|(_, text)| text.is_some());
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text?)));
    Ok((texts.collect(), others.into_iter().map(|(name, _)| name).collect()))
}

/// A file; none if it is listed and was removed.
fn one(root: &Utf8Path, name: Utf8PathBuf) -> Result<Option<(Utf8PathBuf, Option<String>)>> {
    let path = root.join(&name);
    match fs_err::read(&path) {
        Ok(bytes) => Ok(Some((name, String::from_utf8(bytes).ok()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        // A link to a directory, or a submodule.
        Err(_) if path.is_dir() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What git knows or would add; in an archive of the repository, everything but what builds leave.
fn names(root: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    if let Ok(output) = Run::new(git).output()
        && output.status.success()
    {
        let names = String::from_utf8_lossy(&output.stdout);
        let names: BTreeSet<&str> = names.split('\0').filter(|name| !name.is_empty()).collect();
        return Ok(names.into_iter().map(Utf8PathBuf::from).collect());
    }
    let left = |name: &std::ffi::OsStr| name == "target" || name == ".git";
    let walk = walkdir::WalkDir::new(root).sort_by_file_name();
    let mut names = Vec::new();
    for entry in walk.into_iter().filter_entry(|entry| !left(entry.file_name())) {
        let entry = entry?;
        let path = entry.path().strip_prefix(root)?;
        if let (false, Some(path)) = (entry.file_type().is_dir(), Utf8Path::from_path(path)) {
            names.push(path.to_owned());
        }
    }
    Ok(names)
}
