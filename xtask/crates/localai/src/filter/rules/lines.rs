//! Which lines of a file count.

use schemars::JsonSchema;
use serde::Deserialize;

/// Lines of a file that count; without both texts at hand every line does.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::filter) struct Lines {
    /// Not those that begin with one of these, after white space.
    #[serde(default)]
    except: Vec<String>,
    /// Only those that contain one of these.
    only: Option<Vec<String>>,
}

impl Lines {
    /// Whether every line counts, so that no text need be looked at.
    pub fn all(&self) -> bool {
        self.except.is_empty() && self.only.is_none()
    }

    /// Whether the lines that count are the same in both texts.
    pub fn same(&self, previous: &str, current: &str) -> bool {
        previous.lines().filter(|line| self.counts(line)).eq(current.lines().filter(|line| self.counts(line)))
    }

    fn counts(&self, line: &str) -> bool {
        let trimmed = line.trim_start();
        !self.except.iter().any(|word| trimmed.starts_with(word))
            && self.only.as_ref().is_none_or(|words| words.iter().any(|word| line.contains(word)))
    }
}
