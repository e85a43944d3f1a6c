//! What holds of a path.

use super::raw::RawPaths;

/// Any of several patterns.
#[derive(Debug, Clone)]
pub(in crate::filter) struct Paths(pub(super) Vec<RawPaths>);

impl Paths {
    /// Whether one of the patterns holds of a path.
    pub fn hold(&self, path: &str) -> bool {
        any(&self.0, path)
    }
}

fn any(patterns: &[RawPaths], path: &str) -> bool {
    patterns.iter().any(|pattern| holds(pattern, path))
}

fn holds(pattern: &RawPaths, path: &str) -> bool {
    let RawPaths { is, starts, ends, name, below, except } = pattern;
    let (dirs, last) = path.rsplit_once('/').unwrap_or(("", path));
    let said = |words: &Option<Vec<String>>, holds: &dyn Fn(&str) -> bool| {
        words.as_ref().is_none_or(|words| words.iter().any(|word| holds(word)))
    };
    said(is, &|word| path == word)
        && said(starts, &|word| path.starts_with(word))
        && said(ends, &|word| path.ends_with(word))
        && said(name, &|word| last == word)
        && said(below, &|word| dirs.split('/').any(|dir| dir == word))
        && !any(except, path)
}
