//! A path inside a tree, the same on every machine: relative, `/` between names, nothing that climbs out.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A relative path of plain names: never empty, absolute, `.` or `..`. Ordered by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(String);

/// The text cannot be a path inside a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a relative path of plain names separated by `/`")]
pub struct NotARelPath(String);

impl RelPath {
    /// Checks a path.
    pub fn new(text: impl Into<String>) -> Result<Self, NotARelPath> {
        let text = text.into();
        let plain = |name: &str| !matches!(name, "" | "." | "..") && !name.contains('\0');
        if text.split('/').all(plain) { Ok(Self(text)) } else { Err(NotARelPath(text)) }
    }

    /// Joins a directory (empty for the root) and a name that a directory listing gave.
    pub(crate) fn join(dir: &str, name: &str) -> Self {
        Self(join(dir, name))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directory that holds it, from the outermost one in; nothing for a path at the root.
    pub(crate) fn parents(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }
}

/// Joins a relative directory (empty for the root) and a name.
pub(crate) fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { [dir, "/", name].concat() }
}

impl TryFrom<String> for RelPath {
    type Error = NotARelPath;

    fn try_from(text: String) -> Result<Self, NotARelPath> {
        Self::new(text)
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0
    }
}

impl AsRef<str> for RelPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<std::path::Path> for RelPath {
    fn as_ref(&self) -> &std::path::Path {
        self.0.as_ref()
    }
}

impl Borrow<str> for RelPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_stay_inside_pass() {
        for good in ["a", "a/b.c", ".hidden", "a/..b", "ü/ö"] {
            assert!(RelPath::new(good).is_ok(), "{good}");
        }
        for bad in ["", "/", "/a", "a/", "a//b", "./a", "a/.", "..", "a/../b", "a\0b"] {
            assert!(RelPath::new(bad).is_err(), "{bad}");
        }
        assert_eq!(RelPath::join("a/b", "c").parents().collect::<Vec<_>>(), ["a", "a/b"]);
    }
}
