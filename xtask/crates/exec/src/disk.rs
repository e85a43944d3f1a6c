//! Free disk space, asked for before a build rather than found missing in the middle of one.

use camino::Utf8Path;
use std::path::Path;

/// Bytes that this user may still write below `dir`; its nearest existing parent is asked when it does not exist yet.
///
/// # Errors
/// When the file system does not answer.
pub fn free_bytes(dir: &Utf8Path) -> std::io::Result<u64> {
    let existing = dir.ancestors().find(|path| path.exists()).unwrap_or(Utf8Path::new("/"));
    let stat = rustix::fs::statvfs(existing.as_std_path())?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Whether this user may make files in `dir`; a file system that is mounted read-only says no to root as well.
pub fn is_writable(dir: &Path) -> bool {
    rustix::fs::access(dir, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_not_there_cannot_be_written() {
        let dir = tempfile::tempdir().unwrap();
        assert!(is_writable(dir.path()) && !is_writable(&dir.path().join("none")));
    }

    #[test]
    fn a_directory_to_be_made_is_measured_at_its_parent() {
        assert!(free_bytes(Utf8Path::new("/nonexistent/some/where")).unwrap() > 0);
    }
}
