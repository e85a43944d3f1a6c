//! Who asks.

use transfer::Secret;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Somebody.
    Anonymous,
    /// A user with a password.
    Basic {
        /// The name.
        user: String,
        /// The password, or a token in its place.
        password: Secret,
    },
    /// A token that yields other tokens.
    Identity(Secret),
}
