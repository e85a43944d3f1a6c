//! What a check found, before anybody looked up where it stands in the text.

use super::trail::{Hop, Trail};

/// Which part of a mapping's entry is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The key.
    Key,
    /// The value.
    Value,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Issue {
    pub hops: Vec<Hop>,
    pub part: Part,
    pub message: String,
    pub help: Option<String>,
}

/// The findings of one file.
#[derive(Debug, Default)]
pub struct Issues(pub(super) Vec<Issue>);

impl Issues {
    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Something is wrong with a value.
    pub fn value(&mut self, trail: Trail<'_>, message: impl Into<String>, help: impl Into<Option<String>>) {
        self.add(trail, Part::Value, message.into(), help.into());
    }

    /// Something is wrong with a key, or with all that stands under it.
    pub fn key(&mut self, trail: Trail<'_>, message: impl Into<String>, help: impl Into<Option<String>>) {
        self.add(trail, Part::Key, message.into(), help.into());
    }

    fn add(&mut self, trail: Trail<'_>, part: Part, message: String, help: Option<String>) {
        self.0.push(Issue { hops: trail.hops(), part, message, help });
    }
}
