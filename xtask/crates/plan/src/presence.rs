//! What a registry has, as far as it is known.

use model::image_names::CacheTag;
use model::key::Key;
use model::oci::{ImageDigest, Tag};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Whether a registry has something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It has this image.
    Present(ImageDigest),
    /// It has one that is not used: nobody who is trusted made it, and this is what is known instead.
    Refused(String),
    /// It has none.
    Absent,
    /// Nobody could tell, and why.
    Unknown(String),
}

/// What a registry said of the tags that it was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// What it said; of what is not among them nothing is known.
    pub found: BTreeMap<Tag, Option<ImageDigest>>,
    /// What of that is not used, and why not.
    pub refused: BTreeMap<Tag, String>,
    /// Why there is no answer, or not all of them.
    pub silence: Option<String>,
}

impl Answers {
    /// Those of a registry that could not be asked.
    pub fn silent(why: impl Into<String>) -> Self {
        Self { silence: Some(why.into()), ..Self::default() }
    }

    /// What was said of a tag.
    pub fn presence(&self, tag: &Tag) -> Presence {
        if let Some(why) = self.refused.get(tag) {
            return Presence::Refused(why.clone());
        }
        match (self.found.get(tag), &self.silence) {
            (Some(Some(image)), _) => Presence::Present(image.clone()),
            (Some(None), _) => Presence::Absent,
            (None, Some(why)) => Presence::Unknown(why.clone()),
            (None, None) => Presence::Unknown("it was not asked".to_owned()),
        }
    }

    /// What was said of the image of a key.
    pub fn of_key(&self, key: Key) -> Presence {
        self.presence(&CacheTag::Image(key).tag())
    }
}

impl Presence {
    /// The image, where it is known that there is one.
    pub fn into_image(self) -> Option<ImageDigest> {
        match self {
            Self::Present(image) => Some(image),
            Self::Refused(_) | Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// What a table says of it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Present(_) => "has it",
            Self::Refused(_) => "not trusted",
            Self::Absent => "lacks it",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// `present`, `absent`, or why it is refused or unknown.
impl Serialize for Presence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Present(_) => serializer.serialize_str("present"),
            Self::Refused(why) => serializer.serialize_newtype_variant("Presence", 3, "refused", why),
            Self::Absent => serializer.serialize_str("absent"),
            Self::Unknown(why) => serializer.serialize_newtype_variant("Presence", 2, "unknown", why),
        }
    }
}
