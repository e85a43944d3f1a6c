//! Why an entry is built.

use super::place::Place;
use std::fmt;

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A file of its own directory.
    Own {
        /// The file.
        file: String,
    },
    /// A file of another directory that its sources are made from.
    Borrowed {
        /// The file.
        file: String,
    },
    /// Its Dockerfile.
    Dockerfile {
        /// The file.
        file: String,
    },
    /// The matrix changed, and what it said before is not known.
    MatrixUnknown,
    /// The entry is new, or its fields changed.
    MatrixEntry,
    /// A rule about a file that several entries share.
    Shared {
        /// The rule's name.
        rule: String,
        /// The file.
        file: String,
    },
    /// Any change may be one of its sources.
    Unplaced {
        /// Where they are not.
        place: Place,
    },
    /// Another platform of the same image is built, and one image is made of all of them.
    Sibling,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own { file } => write!(f, "{file}"),
            Self::Borrowed { file } => write!(f, "{file}, which its sources are made from"),
            Self::Dockerfile { file } => write!(f, "{file}, its Dockerfile"),
            Self::MatrixUnknown => f.write_str("the matrix changed, and what it said before is not known"),
            Self::MatrixEntry => f.write_str("its entry is new or changed"),
            Self::Shared { rule, file } => write!(f, "{file}: {rule}"),
            Self::Unplaced { place } => place.fmt(f),
            Self::Sibling => f.write_str("another platform of the same image is built"),
        }
    }
}
