//! Puts a new backend into the checkout: all of it, or nothing.

use super::Scaffold;
use crate::exit::Coded;
use crate::repo;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use model::manifest;

/// A directory that is removed unless it becomes the backend.
#[derive(Debug)]
pub struct Drafted {
    draft: Utf8PathBuf,
    target: Utf8PathBuf,
}

/// Checks the backend's manifest with all others and writes its files beside where they belong.
pub fn place(root: &Utf8Path, scaffold: &Scaffold) -> Result<Drafted> {
    let target = root.join(&scaffold.dir);
    if target.symlink_metadata().is_ok() {
        let text = format!("{} is there already; choose another name, or remove it", scaffold.dir);
        return Err(Coded::Usage(text).into());
    }
    let mut files = repo::files(root)?;
    for (path, text) in scaffold.files.iter().filter(|(path, _)| path == manifest::BACKEND) {
        files.insert(scaffold.dir.join(path), text.clone());
    }
    repo::load(&files)?;
    // Two levels below `backend/`, where no manifest is looked for.
    let name = scaffold.dir.file_name().unwrap_or_default();
    let draft = root.join(format!("backend/.new-{name}.{}", std::process::id()));
    let drafted = Drafted { draft, target };
    for (path, text) in &scaffold.files {
        let file = drafted.draft.join("files").join(path);
        fs_err::create_dir_all(file.parent().unwrap_or(&drafted.draft))?;
        fs_err::write(file, text)?;
    }
    Ok(drafted)
}

impl Drafted {
    /// Makes it the backend.
    pub fn keep(self) -> Result<()> {
        let language = self.target.parent().context("a backend has a directory above it")?;
        let existed = language.is_dir();
        fs_err::create_dir_all(language)?;
        let moved = fs_err::rename(self.draft.join("files"), &self.target);
        if moved.is_err() && !existed {
            // Empty, or somebody else's by now.
            let _ = fs_err::remove_dir(language);
        }
        moved.with_context(|| format!("cannot make {}; nothing was changed", self.target))
    }
}

impl Drop for Drafted {
    fn drop(&mut self) {
        // What cannot be removed is hidden, small, and named by what made it.
        let _ = fs_err::remove_dir_all(&self.draft);
    }
}
