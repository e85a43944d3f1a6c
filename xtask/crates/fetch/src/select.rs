//! Which entries of an archive, commit or directory belong to the tree, and where.

use camino::{Utf8Path, Utf8PathBuf};
use model::source::Pin;

/// The pin's `exclude` globs. A match on a directory leaves out all below it.
#[derive(Debug, Clone, Default)]
pub struct Exclude(Vec<String>);

impl Exclude {
    /// The globs of a pin: `*` stays within one path part, `**` crosses them.
    pub fn of(pin: &Pin) -> Self {
        Self(pin.exclude.iter().map(|glob| glob.trim_end_matches('/').to_owned()).collect())
    }

    /// Is `path`, or a directory above it, left out? Anything named `.git` always is.
    pub fn hides(&self, path: &Utf8Path) -> bool {
        let matches =
            |above: &Utf8Path| self.0.iter().any(|glob| fast_glob::glob_match(glob, above.as_str()));
        path.components().any(|part| part.as_str() == ".git")
            || path.ancestors().filter(|above| !above.as_str().is_empty()).any(matches)
    }
}

/// Maps paths as an archive has them to paths in the tree.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Leading parts to drop: 1 for archives that hold all in one directory.
    pub strip: usize,
    /// The directory, after stripping, that is the root of the tree. Empty for all.
    pub subdir: Utf8PathBuf,
    /// What is left out, relative to the root of the tree.
    pub exclude: Exclude,
}

impl Selection {
    /// Where `path` goes in the tree, if it belongs to it.
    pub fn place(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        let mut parts = path.components();
        for _ in 0..self.strip {
            parts.next()?;
        }
        let subdir = self.subdir.strip_prefix(".").unwrap_or(&self.subdir);
        let inside = parts.as_path().strip_prefix(subdir).ok()?;
        (!inside.as_str().is_empty() && !self.exclude.hides(inside)).then(|| inside.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclude(globs: &[&str]) -> Exclude {
        Exclude(globs.iter().map(|&glob| glob.to_owned()).collect())
    }

    #[test]
    fn strips_narrows_and_hides() {
        let selection = Selection {
            strip: 1,
            subdir: "vendor/x".into(),
            exclude: exclude(&["docs", "*.md", "**/*.gguf"]),
        };
        for (path, wanted) in [
            ("top/vendor/x/a.c", Some("a.c")),
            ("top/vendor/x/b/README.md", Some("b/README.md")),
            ("top/vendor/x/README.md", None),
            ("top/vendor/x/docs/deep/a", None),
            ("top/vendor/x/b/docs/a", Some("b/docs/a")),
            ("top/vendor/x/models/v.gguf", None),
            ("top/vendor/x/.git", None),
            ("top/vendor/x/sub/.git/HEAD", None),
            ("top/vendor/x", None),
            ("top/vendor/xy/a", None),
            ("top", None),
        ] {
            assert_eq!(selection.place(Utf8Path::new(path)).as_deref(), wanted.map(Utf8Path::new), "{path}");
        }
        let whole = Selection { subdir: ".".into(), ..Selection::default() };
        assert_eq!(whole.place(Utf8Path::new("a/b")).unwrap(), "a/b");
    }
}
