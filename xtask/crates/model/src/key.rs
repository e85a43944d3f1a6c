//! Keys: what a thing is called that is known by all that can change it.

/// A key: the blake3 of a document, 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Key(String);

impl Key {
    /// The key of a document: of a unit, a base or a root image. The context keeps keys of one kind of document from
    /// equalling those of another.
    pub fn of(context: &'static str, document: &impl serde::Serialize) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(context);
        // Room for most documents, which would otherwise be copied each time that they outgrow what they have.
        let mut json = Vec::with_capacity(16 << 10);
        // Documents are structs of text and numbers, which always serialise, and memory takes every byte.
        let written = serde_json::to_writer(&mut json, document);
        debug_assert!(written.is_ok(), "{written:?}");
        hasher.update(&json);
        Self(hasher.finalize().to_hex().to_string())
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// The text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key: a key has 64 digits, each of 0-9 or a-f")]
pub struct KeyError(String);

impl std::str::FromStr for Key {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let digits =
            text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if digits { Ok(Self(text.to_owned())) } else { Err(KeyError(text.to_owned())) }
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}
