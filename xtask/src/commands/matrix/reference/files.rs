//! Files and variables as Node reads them.

use camino::Utf8Path;

/// A file's text; bytes that are no UTF-8 become U+FFFD.
pub(super) fn lossy(path: &Utf8Path) -> std::io::Result<String> {
    let bytes = fs_err::read(path)?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// A variable that says something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
