//! A directory, archive or git repository on this machine.

use super::{Job, Proof, git};
use crate::error::MirrorError;
use crate::io_error::IoError;
use crate::select::Selection;
use crate::unpack::{Entry, Sink, single_root};
use camino::{Utf8Path, Utf8PathBuf};
use model::source::Upstream;
use std::os::unix::fs::PermissionsExt as _;

/// A git repository that has the commit is read as such, so that edits and build products beside it do no harm.
pub(super) fn populate(job: &Job<'_>, path: &Utf8Path, tree: &Utf8Path) -> Result<Proof, MirrorError> {
    let path = job.repo_root.join(path);
    let is_repository =
        path.join(".git").exists() || path.join("objects").is_dir() && path.join("HEAD").is_file();
    let is_git = matches!(job.pin.upstream, Upstream::Git { .. } | Upstream::GitTag { .. });
    if path.is_file() {
        let unpack = |error| MirrorError::Unpack { archive: path.to_string(), error };
        let strip = usize::from(single_root(&path, job.limits).map_err(unpack)?.is_some());
        job.unpack(&path, path.as_str(), strip, Utf8Path::new(""), tree)?;
    } else if path.is_dir() {
        if is_repository && is_git {
            return git::populate(job, path.as_str(), tree);
        }
        copy(job, &path, tree)?;
    } else {
        return Err(MirrorError::Unusable("there is no such file or directory".to_owned()));
    }
    Ok(Proof::Itself)
}

fn copy(job: &Job<'_>, from: &Utf8Path, tree: &Utf8Path) -> Result<(), MirrorError> {
    let selection = Selection { exclude: job.exclude.clone(), ..Selection::default() };
    let broken = |error| MirrorError::Unpack { archive: from.to_string(), error };
    let mut sink = Sink::new(tree, job.limits, &selection);
    let mut todo = vec![Utf8PathBuf::new()];
    while let Some(below) = todo.pop() {
        let directory = from.join(&below);
        let reading = |error| IoError::new("reading", &directory, error);
        for entry in directory.read_dir_utf8().map_err(reading)? {
            let entry = entry.map_err(reading)?;
            let (path, full) = (below.join(entry.file_name()), entry.path());
            let kind = entry.file_type().map_err(reading)?;
            if job.exclude.hides(&path) {
                continue;
            }
            if kind.is_dir() {
                todo.push(path);
            } else if kind.is_symlink() {
                let target = full.read_link_utf8().map_err(|e| IoError::new("reading the link", full, e))?;
                sink.take(&path, Entry::Symlink(target.into_string())).map_err(broken)?;
            } else if kind.is_file() {
                let opening = |error| IoError::new("opening", full, error);
                let mut content = std::fs::File::open(full).map_err(opening)?;
                let mode = content.metadata().map_err(opening)?.permissions().mode();
                let entry = Entry::File { executable: mode & 0o100 != 0, content: &mut content };
                sink.take(&path, entry).map_err(broken)?;
            }
        }
    }
    sink.finish().map_err(broken)?;
    Ok(())
}
