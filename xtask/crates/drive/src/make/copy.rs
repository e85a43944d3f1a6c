//! Copies for stage and collect steps: reflinks where the file system can, symlinks as symlinks.

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use store::GlobSpec;
use walkdir::WalkDir;

/// Copies one file or symlink, making the directories above it.
pub fn file(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    if let Some(dir) = to.parent() {
        fs_err::create_dir_all(dir)?;
    }
    let meta = fs_err::symlink_metadata(from)?;
    if meta.is_symlink() {
        let target = fs_err::read_link(from)?;
        match fs_err::remove_file(to) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        fs_err::os::unix::fs::symlink(target, to)?;
    } else {
        reflink_copy::reflink_or_copy(from, to).with_context(|| format!("cannot copy {from} to {to}"))?;
        // Its owner may write to it: the original may be part of a sealed tree.
        fs_err::set_permissions(to, Permissions::from_mode(meta.permissions().mode() | 0o200))?;
    }
    Ok(())
}

/// Copies a directory with all that is in it.
pub fn tree(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    for entry in WalkDir::new(from) {
        let entry = entry.with_context(|| format!("cannot list {from}"))?;
        let path = Utf8Path::from_path(entry.path()).context("a file's name is not valid UTF-8")?;
        let to = to.join(path.strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs_err::create_dir_all(&to)?;
        } else {
            file(path, &to)?;
        }
    }
    Ok(())
}

/// Copies every file below `from` whose name matches one of `globs` into `to`, flat. At least one must match.
pub fn matching(from: &Utf8Path, globs: &[String], to: &Utf8Path) -> Result<()> {
    let matcher = GlobSpec::new(globs, [""; 0])?;
    let mut copied = 0;
    for entry in WalkDir::new(from).sort_by_file_name() {
        let entry = entry.with_context(|| format!("cannot list {from}"))?;
        let path = Utf8Path::from_path(entry.path()).context("a built file's name is not valid UTF-8")?;
        let name = path.file_name().unwrap_or_default();
        if !entry.file_type().is_dir() && matcher.matches(name) {
            file(path, &to.join(name))?;
            copied += 1;
        }
    }
    if copied == 0 {
        let globs = globs.join(", ");
        bail!(
            "the build left no file that matches {globs} below {from}: the recipe and the sources disagree"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_tree_is_the_same_and_can_be_written() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let (from, to) = (dir.join("from"), dir.join("to"));
        fs_err::create_dir_all(from.join("deep/empty")).unwrap();
        fs_err::write(from.join("deep/file"), "x").unwrap();
        fs_err::set_permissions(from.join("deep/file"), Permissions::from_mode(0o555)).unwrap();
        fs_err::os::unix::fs::symlink("file", from.join("deep/link")).unwrap();
        tree(&from, &to).unwrap();
        assert_eq!(fs_err::metadata(to.join("deep/file")).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs_err::read_to_string(to.join("deep/link")).unwrap(), "x");
        assert!(fs_err::symlink_metadata(to.join("deep/link")).unwrap().is_symlink());
        assert!(to.join("deep/empty").is_dir());
    }

    #[test]
    fn collects_libraries_with_their_links() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let from = dir.join("bin/deep");
        fs_err::create_dir_all(&from).unwrap();
        fs_err::write(from.join("libx.so.1"), "x").unwrap();
        fs_err::os::unix::fs::symlink("libx.so.1", from.join("libx.so")).unwrap();
        fs_err::write(from.join("notes.txt"), "").unwrap();
        matching(&dir.join("bin"), &["*.so".into(), "*.so.*".into()], &dir.join("lib")).unwrap();
        assert!(dir.join("lib/libx.so.1").is_file() && !dir.join("lib/notes.txt").exists());
        assert_eq!(fs_err::read_link(dir.join("lib/libx.so")).unwrap(), std::path::Path::new("libx.so.1"));
        assert!(matching(&dir.join("bin"), &["*.dylib".into()], &dir.join("lib")).is_err());
    }
}
