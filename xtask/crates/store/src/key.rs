//! The name of an entry: the digest of the caller's key document.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, NotADigest};

/// Names what a build would produce. The caller computes it; the store only compares it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(Digest);

impl Key {
    /// Wraps a digest that the caller computed over its key document.
    pub const fn new(digest: Digest) -> Self {
        Self(digest)
    }

    /// The digest behind the key.
    pub const fn digest(&self) -> &Digest {
        &self.0
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
