//! One entry of an archive, and the check of its path.

use super::UnpackError;
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use std::io::Read;

/// What an entry asks for.
pub(crate) enum Entry<'a> {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// May its owner execute it? The only mode bit that is taken over.
        executable: bool,
        /// Its bytes.
        content: &'a mut dyn Read,
    },
    /// A symbolic link, its target unchecked.
    Symlink(String),
    /// Another name for an earlier file, by its checked path in the archive.
    Hardlink(Utf8PathBuf),
}

/// The path of an entry without `.` parts; refuses what could leave the tree. The root itself is the empty path.
pub(crate) fn clean(name: &[u8], limit: u64) -> Result<Utf8PathBuf, UnpackError> {
    let shown = || String::from_utf8_lossy(&name[..name.len().min(200)]).into_owned();
    let text = std::str::from_utf8(name).map_err(|_| UnpackError::Path(shown()))?;
    if text.contains('\0') || name.len() as u64 > limit {
        return Err(UnpackError::Path(shown()));
    }
    let mut path = Utf8PathBuf::new();
    for part in Utf8Path::new(text).components() {
        match part {
            Utf8Component::Normal(part) => path.push(part),
            Utf8Component::CurDir => {}
            _ => return Err(UnpackError::Path(shown())),
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn only_paths_below_the_root_pass() {
        for (name, wanted) in
            [("a/b", "a/b"), ("./a//b/", "a/b"), (".", ""), ("a/..b", "a/..b"), ("a\\..\\b", "a\\..\\b")]
        {
            assert_eq!(clean(name.as_bytes(), 100).unwrap(), wanted);
        }
        for bad in [&b"../a"[..], b"a/../../b", b"a/..", b"/etc/passwd", b"a\0b", b"\xff", &[b'x'; 101]] {
            assert!(clean(bad, 100).is_err(), "{bad:?}");
        }
    }
}
