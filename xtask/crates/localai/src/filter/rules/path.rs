//! What holds of a path.

use schemars::JsonSchema;
use serde::Deserialize;

/// Any of several patterns.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub(in crate::filter) struct Paths(pub(super) Vec<Pattern>);

/// What holds of a path; all of it must hold, and something must be asked for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Paths")]
pub(super) struct Pattern {
    /// It is one of these.
    pub(super) is: Option<Vec<String>>,
    /// It begins with one of these.
    pub(super) starts: Option<Vec<String>>,
    /// It ends with one of these.
    pub(super) ends: Option<Vec<String>>,
    /// Its last part is one of these.
    pub(super) name: Option<Vec<String>>,
    /// One of its directories has one of these names.
    pub(super) below: Option<Vec<String>>,
    /// None of these holds of it.
    #[serde(default)]
    pub(super) except: Paths,
}

impl Paths {
    /// Whether one of the patterns holds of a path.
    pub fn hold(&self, path: &str) -> bool {
        self.0.iter().any(|pattern| holds(pattern, path))
    }
}

fn holds(pattern: &Pattern, path: &str) -> bool {
    let Pattern { is, starts, ends, name, below, except } = pattern;
    let (dirs, last) = path.rsplit_once('/').unwrap_or(("", path));
    let said = |words: &Option<Vec<String>>, holds: &dyn Fn(&str) -> bool| {
        words.as_ref().is_none_or(|words| words.iter().any(|word| holds(word)))
    };
    said(is, &|word| path == word)
        && said(starts, &|word| path.starts_with(word))
        && said(ends, &|word| path.ends_with(word))
        && said(name, &|word| last == word)
        && said(below, &|word| dirs.split('/').any(|dir| dir == word))
        && !except.hold(path)
}
