//! Which lines of a file count.

use super::raw::RawLines;

/// Lines that count; all of them, if nothing else is said.
#[derive(Debug, Clone)]
pub(in crate::filter) struct Lines(pub(super) RawLines);

impl Lines {
    /// Whether every line counts, so that no text need be looked at.
    pub fn all(&self) -> bool {
        self.0.except.is_empty() && self.0.only.is_none()
    }

    /// Whether the lines that count are the same in both texts.
    pub fn same(&self, previous: &str, current: &str) -> bool {
        previous.lines().filter(|line| self.counts(line)).eq(current.lines().filter(|line| self.counts(line)))
    }

    fn counts(&self, line: &str) -> bool {
        let trimmed = line.trim_start();
        !self.0.except.iter().any(|word| trimmed.starts_with(word))
            && self.0.only.as_ref().is_none_or(|words| words.iter().any(|word| line.contains(word)))
    }
}
