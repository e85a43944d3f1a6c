//! The tree digest: one SHA-256 for a directory's files, the same whatever brought them.
//!
//! A tree is its regular files and symbolic links; directories count only by what they hold, as in git. The digest is
//! the SHA-256 of `xtask source tree v1\n` followed by one record a file in the byte order of the paths:
//!
//! ```text
//! <kind> <sha256> <path>\0
//! ```
//!
//! `kind` is `f` (plain), `x` (the owner may execute it) or `l` (link); `sha256` is of the content, or of the link's
//! target; `path` is relative to the root, with `/`. Times, owners and other mode bits do not count. Anything named
//! `.git` is skipped: no git tree can hold one, and what a working copy keeps there is not source.

use crate::io_error::IoError;
use camino::{Utf8Path, Utf8PathBuf};
use model::source::Sha256;
use sha2::Digest as _;
use std::os::unix::fs::PermissionsExt as _;

/// A digest, and what it was computed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeSummary {
    /// The digest as the module's documentation defines it.
    pub digest: Sha256,
    /// Files and links.
    pub files: u64,
    /// Bytes in regular files.
    pub bytes: u64,
}

/// Computes the digest of the directory `root`.
pub fn tree_digest(root: &Utf8Path) -> Result<TreeSummary, IoError> {
    let mut paths = Vec::new();
    list(root, Utf8Path::new(""), &mut paths)?;
    // By bytes: paths themselves compare part by part, which puts `b/run` before `b.c`.
    paths.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    let mut all = sha2::Sha256::new();
    all.update(b"xtask source tree v1\n");
    let mut bytes = 0;
    for path in &paths {
        let full = root.join(path);
        let (kind, content) = describe(&full, &mut bytes)?;
        all.update(format!("{kind} {content} {path}\0").as_bytes());
    }
    Ok(TreeSummary { digest: all.into(), files: paths.len() as u64, bytes })
}

fn list(root: &Utf8Path, below: &Utf8Path, paths: &mut Vec<Utf8PathBuf>) -> Result<(), IoError> {
    let directory = root.join(below);
    let reading = |error| IoError::new("reading the directory", &directory, error);
    for entry in directory.read_dir_utf8().map_err(reading)? {
        let entry = entry.map_err(reading)?;
        if entry.file_name() == ".git" {
            continue;
        }
        let path = below.join(entry.file_name());
        if entry.file_type().map_err(reading)?.is_dir() {
            list(root, &path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

fn describe(full: &Utf8Path, bytes: &mut u64) -> Result<(char, Sha256), IoError> {
    let meta = full.symlink_metadata().map_err(|e| IoError::new("looking at", full, e))?;
    if meta.is_symlink() {
        let target = full.read_link_utf8().map_err(|e| IoError::new("reading the link", full, e))?;
        return Ok(('l', Sha256::digest(target.as_str().as_bytes())));
    }
    if !meta.is_file() {
        let odd = std::io::Error::other("a source tree holds files, links and directories only");
        return Err(IoError::new("hashing", full, odd));
    }
    *bytes += meta.len();
    let content = std::fs::File::open(full)
        .and_then(Sha256::digest_reader)
        .map_err(|e| IoError::new("hashing", full, e))?;
    Ok((if meta.permissions().mode() & 0o100 == 0 { 'f' } else { 'x' }, content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn utf8(directory: &tempfile::TempDir) -> &Utf8Path {
        Utf8Path::from_path(directory.path()).unwrap()
    }

    #[test]
    fn the_definition_is_pinned() {
        let directory = tempfile::tempdir().unwrap();
        let root = utf8(&directory);
        fs::create_dir_all(root.join("b/.git/objects")).unwrap();
        fs::create_dir(root.join("empty")).unwrap();
        fs::write(root.join("b/.git/HEAD"), "x").unwrap();
        fs::write(root.join("b/run"), "abc").unwrap();
        fs::set_permissions(root.join("b/run"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(root.join("b.c"), "").unwrap();
        std::os::unix::fs::symlink("b/run", root.join("link")).unwrap();
        let text = format!(
            "xtask source tree v1\nf {} b.c\0x {} b/run\0l {} link\0",
            Sha256::digest(b""),
            Sha256::digest(b"abc"),
            Sha256::digest(b"b/run")
        );
        let summary = tree_digest(root).unwrap();
        assert_eq!(summary, TreeSummary { digest: Sha256::digest(text.as_bytes()), files: 3, bytes: 3 });
    }

    #[test]
    fn content_name_bit_and_target_count_and_times_do_not() {
        let directory = tempfile::tempdir().unwrap();
        let root = utf8(&directory);
        let file = root.join("a");
        fs::write(&file, "1").unwrap();
        let first = tree_digest(root).unwrap().digest;
        fs::File::options().write(true).open(&file).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(tree_digest(root).unwrap().digest, first);
        let mut seen = vec![first];
        fs::write(&file, "2").unwrap();
        seen.push(tree_digest(root).unwrap().digest);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        seen.push(tree_digest(root).unwrap().digest);
        fs::rename(&file, root.join("b")).unwrap();
        seen.push(tree_digest(root).unwrap().digest);
        for target in ["b", "c"] {
            std::os::unix::fs::symlink(target, &file).unwrap();
            seen.push(tree_digest(root).unwrap().digest);
            fs::remove_file(&file).unwrap();
        }
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len());
    }
}
