//! Keys: what a thing is called that is known by all that can change it.

use crate::digest::{Digest, NotADigest};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A key: the digest of a document that holds all that can change a thing. Units, bases and root images have one, and the
/// cache and the registry keep them under it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(Digest);

impl Key {
    /// The key of a document: of a unit, a base or a root image. The context keeps keys of one kind of document from
    /// equalling those of another.
    pub fn of(context: &'static str, document: &impl Serialize) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(context);
        // Room for most documents, which would otherwise be copied each time that they outgrow what they have.
        let mut json = Vec::with_capacity(16 << 10);
        // Documents are structs of text and numbers, which always serialise, and memory takes every byte.
        let written = serde_json::to_writer(&mut json, document);
        debug_assert!(written.is_ok(), "{written:?}");
        hasher.update(&json);
        Self(hasher.finalize().into())
    }

    /// Takes a digest that was computed elsewhere over a document.
    pub const fn new(digest: Digest) -> Self {
        Self(digest)
    }

    /// The digest behind the key.
    pub const fn digest(&self) -> &Digest {
        &self.0
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> String {
        format!("{self:.12}")
    }

    /// The first sixteen digits, which tell it from every other where names must not be long.
    pub fn stem(&self) -> String {
        format!("{self:.16}")
    }
}

impl FromStr for Key {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self:.12})")
    }
}
