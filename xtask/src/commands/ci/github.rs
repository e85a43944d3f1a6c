//! The files through which a step speaks to those behind it.

use anyhow::{Context, Result};
use camino::Utf8Path;
use std::io::Write as _;

/// Appends lines to the file that a variable names, such as `GITHUB_ENV`. False: there is no such file.
pub fn tell(variable: &str, lines: &str) -> Result<bool> {
    let Some(file) = std::env::var(variable).ok().filter(|file| !file.is_empty()) else { return Ok(false) };
    append(Utf8Path::new(&file), lines)?;
    Ok(true)
}

/// Appends lines to a file.
pub fn append(file: &Utf8Path, lines: &str) -> Result<()> {
    let mut open = fs_err::OpenOptions::new().create(true).append(true).open(file)?;
    open.write_all(lines.as_bytes()).with_context(|| format!("cannot append to {file}"))
}
