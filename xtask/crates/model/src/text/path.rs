//! Paths that stay inside the directory that they are relative to.

use camino::{Utf8Component, Utf8Path};

/// The text is no such path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a plain relative path")]
pub struct PathError(String);

impl PathError {
    /// What to write instead.
    pub const HELP: &str = "write it with `/`, without `.`, `..`, a leading `-` or `/`, or a `/` at its end";
}

fn check(text: String) -> Result<String, PathError> {
    let path = Utf8Path::new(&text);
    let plain = path.components().all(|part| matches!(part, Utf8Component::Normal(_)));
    // Tools would take a dash in front for an option.
    let odd = text.trim().is_empty()
        || text.starts_with('-')
        || text.contains(|c: char| c == '\\' || c.is_control());
    if plain && !odd && !text.ends_with('/') { Ok(text) } else { Err(PathError(text)) }
}

macro_rules! path {
    ($(#[$doc:meta])* $type:ident, $format:literal, $check:expr) => {
        checked_text!($(#[$doc])* $type, $format, PathError, $check);

        impl std::ops::Deref for $type {
            type Target = Utf8Path;
            fn deref(&self) -> &Utf8Path {
                Utf8Path::new(&self.0)
            }
        }
        impl AsRef<Utf8Path> for $type {
            fn as_ref(&self) -> &Utf8Path {
                self
            }
        }
    };
}

path!(
    /// A path inside a directory.
    PlainPath,
    "plain-path",
    check
);
checked_text!(
    /// A path of the machine that a package runs on.
    HostPath,
    "host-path",
    HostPathError,
    |text| match text.strip_prefix('/').map(|rest| check(rest.to_owned())) {
        Some(Ok(_)) => Ok(text),
        _ => Err(HostPathError(text)),
    }
);

/// The text is no such path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a plain absolute path, as in `/opt/intel`")]
pub struct HostPathError(String);

path!(
    /// A directory inside another; empty for all of it.
    #[derive(Default)]
    Subdir,
    "subdirectory",
    |text| if text.is_empty() { Ok(text) } else { check(text) }
);
