//! Files of the repository, written whole or not at all.

use anyhow::{Context, Result};
use camino::Utf8Path;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

/// Writes a file beside its place and renames it there, making its directory first if need be.
pub(super) fn replace(path: &Utf8Path, text: &str) -> Result<()> {
    let dir = path.parent().unwrap_or(path);
    fs_err::create_dir_all(dir)?;
    // As any file that is made, and not for its owner alone.
    let mut builder = tempfile::Builder::new();
    let builder = builder.permissions(Permissions::from_mode(0o666));
    let mut whole =
        builder.tempfile_in(dir).with_context(|| format!("cannot write in {dir}; is there room?"))?;
    whole.write_all(text.as_bytes()).with_context(|| format!("cannot write {path}; is there room?"))?;
    whole.persist(path).with_context(|| format!("cannot replace {path}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_whole_and_for_all_to_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("below/file");
        for text in ["one", "two"] {
            replace(&path, text).unwrap();
            assert_eq!(fs_err::read_to_string(&path).unwrap(), text);
        }
        fs_err::write(path.with_file_name("beside"), "").unwrap();
        let mode = |name| fs_err::metadata(path.with_file_name(name)).unwrap().permissions().mode();
        assert_eq!(mode("file"), mode("beside"));
        assert_eq!(path.parent().unwrap().read_dir_utf8().unwrap().count(), 2);
        let nowhere = path.join("x");
        assert!(replace(&nowhere, "").is_err());
    }
}
