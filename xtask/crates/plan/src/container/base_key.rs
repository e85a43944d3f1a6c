//! Keys of builder bases: what an image holds before a unit's own steps run.

use super::Ground;
use crate::key::{self, Key, KeyError};
use crate::names::CacheTag;
use crate::oci::Tag;
use crate::platform::Platform;
use std::fmt;
use std::str::FromStr;

/// Raised when bases change without a change in any field.
const SCHEMA: u32 = 1;
/// The blake3 key-derivation context: a base's key can never equal a unit's.
const CONTEXT: &str = "inference-backends 2026-11 base key v2";

/// A builder base's key: 64 hex digits over its platform, the image below it, the script that fills it and the
/// template that runs the script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct BaseKey(String);

#[derive(serde::Serialize)]
struct Document<'a> {
    schema: u32,
    platform: Platform,
    image: &'a str,
    install: &'a str,
    template: Option<&'a str>,
    path: &'a [String],
}

impl BaseKey {
    /// The key of a base on this ground, whose script is `install`.
    pub(super) fn of(ground: &Ground, install: &str) -> Self {
        let Ground { platform, image, distro: _, install: _, path, template, prebuilt: _ } = ground;
        let document = Document {
            schema: SCHEMA,
            platform: *platform,
            image,
            install,
            template: template.as_deref(),
            path,
        };
        Self(key::derive(CONTEXT, &document))
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }

    /// The tag under which the cache repository holds the base.
    pub fn tag(&self) -> Tag {
        CacheTag::BaseKey(self.clone()).tag()
    }
}

impl FromStr for BaseKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        Ok(Self(text.parse::<Key>()?.into()))
    }
}

impl fmt::Display for BaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
