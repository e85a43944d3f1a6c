//! The tree that is adopted: which files it has, and their texts when they are asked for.

use camino::{Utf8Path, Utf8PathBuf};
use model::source::Commit;
use std::collections::{BTreeMap, BTreeSet};

/// A tree as git knows it. Reading is left to whoever has it, so that all else is a pure function of it.
pub struct Tree<'a> {
    /// All files, from its root.
    pub files: BTreeSet<Utf8PathBuf>,
    /// Submodules by path: clone URL and commit.
    pub submodules: BTreeMap<Utf8PathBuf, (String, Commit)>,
    /// The text of a file; none for what is too big to be a script, or no text.
    pub read: &'a dyn Fn(&Utf8Path) -> Option<String>,
}

impl Tree<'_> {
    /// Whether the file is there.
    pub(super) fn has(&self, path: &Utf8Path) -> bool {
        self.files.contains(path)
    }

    /// The files below a directory.
    pub(super) fn below(&self, dir: &Utf8Path) -> impl Iterator<Item = &Utf8Path> {
        let start = dir.to_owned();
        let below = self.files.range(start.clone()..).take_while(move |path| path.starts_with(&start));
        below.map(Utf8PathBuf::as_path)
    }

    /// The files in a directory itself.
    pub(super) fn within(&self, dir: &Utf8Path) -> impl Iterator<Item = &Utf8Path> {
        let dir = dir.to_owned();
        self.below(&dir.clone())
            .filter(move |path| path.parent() == Some(&dir))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The text of a file that is there.
    pub(super) fn text(&self, path: &Utf8Path) -> Option<String> {
        if self.has(path) { (self.read)(path) } else { None }
    }
}
