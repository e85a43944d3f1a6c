//! Why a text is none of these names, and where it goes wrong.

use std::fmt;

/// A text that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    what: &'static str,
    text: String,
    at: usize,
    expected: &'static str,
}

/// Longer texts are cut in the message; the position still counts from their start.
const SHOWN: usize = 80;

impl ParseError {
    /// `at` is a byte offset into `text`.
    pub(crate) fn new(what: &'static str, text: &str, at: usize, expected: &'static str) -> Self {
        Self { what, text: text.to_owned(), at: at.min(text.len()), expected }
    }

    /// The same error within a longer text that holds this one from `offset` on.
    pub(crate) fn within(self, what: &'static str, text: &str, offset: usize) -> Self {
        Self::new(what, text, self.at + offset, self.expected)
    }

    /// Where it goes wrong, in bytes from the start.
    pub fn at(&self) -> usize {
        self.at
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown: String = self.text.chars().take(SHOWN).collect();
        if shown.len() < self.text.len() {
            shown.push('…');
        }
        write!(f, "{shown:?} is not {}: ", self.what)?;
        let before = self.text.get(..self.at).unwrap_or(&self.text);
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => {
                write!(f, "character {}, {found:?}: expected {}", before.chars().count() + 1, self.expected)
            }
            None => write!(f, "it ends where {} is expected", self.expected),
        }
    }
}
