//! Puts a new backend into the checkout: all of it, or nothing.

use super::Scaffold;
use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use drive::error::Coded;
use drive::repo;
use model::manifest;

/// Files that are removed unless they become the backend.
#[derive(Debug)]
pub struct Drafted<'a> {
    root: &'a Utf8Path,
    draft: Utf8PathBuf,
    /// What is drafted, relative to both.
    parts: [&'a Utf8Path; 2],
}

/// Checks the backend's manifest with all others and writes its files beside where they belong.
pub fn place<'a>(root: &'a Utf8Path, scaffold: &'a Scaffold) -> Result<Drafted<'a>> {
    let parts = [scaffold.dir.as_path(), &scaffold.test];
    if let Some(there) = parts.iter().find(|part| root.join(part).symlink_metadata().is_ok()) {
        let text = format!("{there} is there already; choose another name, or remove it");
        return Err(Coded::Usage(text).into());
    }
    let mut files = repo::files(root)?;
    files.extend(scaffold.files.iter().filter(|(path, _)| path.ends_with(manifest::BACKEND)).cloned());
    repo::load(&files)?;
    // Two levels below `backend/`, where no manifest is looked for.
    let name = scaffold.dir.file_name().unwrap_or_default();
    let draft = root.join(format!("backend/.new-{name}.{}", std::process::id()));
    let drafted = Drafted { root, draft, parts };
    for (path, text) in &scaffold.files {
        let file = drafted.draft.join(path);
        fs_err::create_dir_all(file.parent().unwrap_or(&drafted.draft))?;
        fs_err::write(file, text)?;
    }
    Ok(drafted)
}

impl Drafted<'_> {
    /// Makes them the backend.
    pub fn keep(self) -> Result<()> {
        for (at, part) in self.parts.iter().enumerate() {
            if let Err(error) = self.put(part) {
                for undone in &self.parts[..at] {
                    // What cannot go back is a file that stands in the way of the next try, and is named then.
                    let _ = fs_err::rename(self.root.join(undone), self.draft.join(undone));
                }
                return Err(error).context(format!("cannot make {part}; nothing was changed"));
            }
        }
        Ok(())
    }

    /// Puts one of the parts where it belongs.
    fn put(&self, part: &Utf8Path) -> Result<()> {
        let target = self.root.join(part);
        let above = target.parent().unwrap_or(self.root);
        let existed = above.is_dir();
        fs_err::create_dir_all(above)?;
        let moved = fs_err::rename(self.draft.join(part), &target);
        if moved.is_err() && !existed {
            // Empty, or somebody else's by now.
            let _ = fs_err::remove_dir(above);
        }
        Ok(moved?)
    }
}

impl Drop for Drafted<'_> {
    fn drop(&mut self) {
        // What cannot be removed is hidden, small, and named by what made it.
        let _ = fs_err::remove_dir_all(&self.draft);
    }
}
