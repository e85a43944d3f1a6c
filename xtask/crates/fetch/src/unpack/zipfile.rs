//! Walks a zip file.

use super::entry::{Entry, clean};
use super::{Limits, UnpackError, Visit};
use std::io::{Read, Seek};

pub(super) fn walk(reader: impl Read + Seek, limits: &Limits, visit: Visit<'_>) -> Result<(), UnpackError> {
    let broken = |error: zip::result::ZipError| UnpackError::Broken(error.into());
    let mut archive = zip::ZipArchive::new(reader).map_err(broken)?;
    if archive.len() as u64 > limits.entries {
        return Err(UnpackError::TooMuch { what: "entries", limit: limits.entries });
    }
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(broken)?;
        let path = clean(file.name_raw(), limits.path)?;
        let mode = file.unix_mode().unwrap_or(0o644);
        let entry = if file.is_dir() {
            Entry::Directory
        } else if file.is_symlink() {
            let mut target = String::new();
            let read = file.by_ref().take(limits.path + 1).read_to_string(&mut target);
            read.map_err(UnpackError::Broken)?;
            if target.is_empty() || target.len() as u64 > limits.path || target.contains('\0') {
                return Err(UnpackError::Path(target));
            }
            Entry::Symlink(target)
        } else if matches!(mode & 0o170_000, 0 | 0o100_000) {
            Entry::File { executable: mode & 0o100 != 0, content: &mut file }
        } else {
            return Err(UnpackError::Kind { path, what: "a device or a pipe" });
        };
        visit(path, entry)?;
    }
    Ok(())
}
