//! Texts that nobody may read in a log.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A password, a token, or a header made of one; it prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The `Authorization` of a user with a password.
    pub fn basic(user: &str, password: &Self) -> Self {
        Self(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.0))))
    }

    /// The `Authorization` of whoever has this token.
    pub fn bearer(token: &Self) -> Self {
        Self(format!("Bearer {}", token.0))
    }

    /// The text, for whoever must know it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
