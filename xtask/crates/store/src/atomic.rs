//! Small files written whole or not at all.

use std::io::Write;
use std::path::Path;

use crate::error::{Context, Result};

/// How unfinished files are called.
pub(crate) const PREFIX: &str = ".new-";

/// Writes a file beside its place and renames it there, making its directory first if need be.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).context("create", dir)?;
    let mut temp = tempfile::Builder::new().prefix(PREFIX).tempfile_in(dir).context("write into", dir)?;
    temp.write_all(bytes).context("write", path)?;
    temp.persist(path).map(drop).map_err(|error| error.error).context("replace", path)
}
