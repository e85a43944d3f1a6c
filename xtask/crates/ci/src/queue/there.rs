//! What the registry said.

use model::image_names::CacheTag;
use model::key::Key;
use model::oci::{ImageDigest, Tag};
use std::collections::BTreeMap;

/// Which images the registry has, as far as it answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct There {
    /// Its answers; what is not among them is not known.
    pub answers: BTreeMap<Tag, Option<ImageDigest>>,
    /// Why there is no answer, or not all of them.
    pub silence: Option<String>,
}

/// What the registry said of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    /// It has this image.
    Present(&'a ImageDigest),
    /// It has none.
    Absent,
    /// It did not say.
    Unknown,
}

impl There {
    /// A registry that could not be asked.
    pub fn silent(why: impl Into<String>) -> Self {
        Self { answers: BTreeMap::new(), silence: Some(why.into()) }
    }

    /// What it said of the image of a key.
    pub fn of(&self, key: Key) -> Answer<'_> {
        match self.answers.get(&CacheTag::Image(key).tag()) {
            Some(Some(image)) => Answer::Present(image),
            Some(None) => Answer::Absent,
            None => Answer::Unknown,
        }
    }
}
