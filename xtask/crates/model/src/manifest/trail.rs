//! The way from a document's root to one of its nodes.

use std::fmt;

/// One step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hop {
    /// Into a mapping.
    Key(String),
    /// Into a sequence.
    Index(usize),
}

/// A way that is extended on the stack while a document is walked, and costs nothing until an issue is found.
#[derive(Clone, Copy)]
pub struct Trail<'a> {
    parent: Option<&'a Trail<'a>>,
    hop: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    /// The document itself.
    pub fn root() -> Self {
        Self { parent: None, hop: Step::Root }
    }

    /// The value of a key.
    #[must_use]
    pub fn key(&'a self, key: &'a str) -> Self {
        Self { parent: Some(self), hop: Step::Key(key) }
    }

    /// An element of a sequence.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), hop: Step::Index(index) }
    }

    /// The way as a list.
    pub fn hops(&self) -> Vec<Hop> {
        let mut hops = self.parent.map(Trail::hops).unwrap_or_default();
        match self.hop {
            Step::Root => {}
            Step::Key(key) => hops.push(Hop::Key(key.to_owned())),
            Step::Index(index) => hops.push(Hop::Index(index)),
        }
        hops
    }
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.hop {
            Step::Root => Ok(()),
            Step::Key(key) if self.parent.is_some_and(|p| matches!(p.hop, Step::Root)) => f.write_str(key),
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}
