//! Paths as text: what a path means without asking the disk.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// Resolves `.` and `..` by text; none if that leaves a relative path's start.
pub fn normalize(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut out = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if out.as_str() == "/" => {}
            Utf8Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            other => out.push(other),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizing_never_leaves_the_start() {
        assert_eq!(normalize(Utf8Path::new("a/./b/../c")).unwrap(), "a/c");
        assert_eq!(normalize(Utf8Path::new("/../a")).unwrap(), "/a");
        assert_eq!(normalize(Utf8Path::new("a/../..")), None);
    }
}
