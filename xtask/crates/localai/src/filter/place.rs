//! Where the sources of an entry are.

use std::fmt;

/// Where the sources of an entry are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Below this directory.
    At(String),
    /// Where no rule says.
    Nowhere,
    /// Not in this directory, which a rule names.
    Gone(String),
}

impl Place {
    /// The directory, if there is one.
    pub(super) fn dir(&self) -> Option<&str> {
        match self {
            Self::At(dir) => Some(dir),
            Self::Nowhere | Self::Gone(_) => None,
        }
    }
}

/// What is wrong with it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(dir) => write!(f, "its sources are in {dir}"),
            Self::Nowhere => f.write_str("no rule says where its sources are"),
            Self::Gone(dir) => write!(f, "a rule says that its sources are in {dir}, and that is not there"),
        }
    }
}
