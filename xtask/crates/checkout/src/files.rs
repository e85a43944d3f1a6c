//! Which files of a directory belong to its checkout.

use crate::git::{Git, GitError};
use crate::index::{self, Index};
use crate::leftover::is_leftover;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The files that git would check out or has not been told to ignore; outside of a git checkout, all files.
#[derive(Debug)]
pub struct Files {
    root: Utf8PathBuf,
    tracked: Option<Index>,
    /// New files that git does not ignore. Git is asked for them once, when there is anything that is not tracked.
    others: OnceLock<Result<BTreeSet<String>, GitError>>,
}

impl Files {
    /// Those of the checkout that `root` is in.
    pub fn of(root: &Utf8Path) -> Result<Self, GitError> {
        Ok(Self { root: root.to_owned(), tracked: tracked(root)?, others: OnceLock::new() })
    }

    /// Whether the file at a path from the root is one of them, given that it is there.
    pub fn has(&self, path: &str) -> Result<bool, &GitError> {
        let Some(index) = &self.tracked else { return Ok(!is_leftover(path)) };
        if contains(&index.files, path) || index.submodules.iter().any(|above| is_below(path, above)) {
            return Ok(true);
        }
        Ok(!is_leftover(path) && self.others()?.contains(path))
    }

    /// Whether any file below a directory may be one of them.
    pub fn reaches(&self, directory: &str) -> Result<bool, &GitError> {
        let Some(index) = &self.tracked else { return Ok(true) };
        let below = format!("{directory}/");
        let at = index.files.partition_point(|path| path.as_str() < below.as_str());
        if index.files.get(at).is_some_and(|path| path.starts_with(&below)) {
            return Ok(true);
        }
        let related = |submodule: &String| {
            submodule == directory || is_below(submodule, directory) || is_below(directory, submodule)
        };
        if index.submodules.iter().any(related) {
            return Ok(true);
        }
        Ok(self.others()?.range(below.clone()..).next().is_some_and(|path| path.starts_with(&below)))
    }

    fn others(&self) -> Result<&BTreeSet<String>, &GitError> {
        let ask = || {
            let listed =
                Git::new(&self.root, true).output(&["ls-files", "-z", "--others", "--exclude-standard"])?;
            Ok(names(&listed).map(str::to_owned).collect())
        };
        self.others.get_or_init(ask).as_ref()
    }
}

/// The tracked files below `root`; none where no git checkout is. A repository that happens to lie above, and has nothing
/// of this directory, does not count.
fn tracked(root: &Utf8Path) -> Result<Option<Index>, GitError> {
    let has_git = |dir: &&Utf8Path| {
        let git = dir.join(".git");
        // A directory is known by its index: it changes with all that git does.
        if !git.is_dir() {
            memo::saw(&git);
        }
        git.exists()
    };
    let Some(top) = root.ancestors().find(has_git) else { return Ok(None) };
    let prefix = match root.strip_prefix(top) {
        Ok(below) if below != "" => format!("{below}/"),
        _ => String::new(),
    };
    let index = match directory(top).map(|git| read(&git.join("index"))) {
        Some(Ok(bytes)) => index::parse(&bytes, &prefix),
        Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Some(Index::default()),
        _ => None,
    };
    let index = index.map_or_else(|| listed(root), Ok)?;
    let is_ours = prefix.is_empty() || !index.files.is_empty() || !index.submodules.is_empty();
    Ok(is_ours.then_some(index))
}

fn read(index: &Utf8Path) -> std::io::Result<Vec<u8>> {
    memo::saw(index);
    fs_err::read(index)
}

/// The same from git itself.
fn listed(root: &Utf8Path) -> Result<Index, GitError> {
    let mut index = Index::default();
    let output = Git::new(root, true).output(&["ls-files", "-z", "--stage"])?;
    for entry in names(&output) {
        let Some((what, path)) = entry.split_once('\t') else { continue };
        let list = if what.starts_with("160000") { &mut index.submodules } else { &mut index.files };
        if list.last().is_none_or(|last| last != path) {
            list.push(path.to_owned());
        }
    }
    Ok(index)
}

/// Git's directory of the checkout at `top`: `.git`, or where a file of that name says that it is.
fn directory(top: &Utf8Path) -> Option<Utf8PathBuf> {
    let git = top.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = fs_err::read_to_string(&git).ok()?;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()))
}

/// What git prints with `-z`; names that are not UTF-8 are left out.
fn names(output: &[u8]) -> impl Iterator<Item = &str> {
    output
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .filter_map(|name| std::str::from_utf8(name).ok())
}

fn contains(sorted: &[String], path: &str) -> bool {
    sorted.binary_search_by(|known| known.as_str().cmp(path)).is_ok()
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
