//! Why a unit is touched.

use plan::why::Change;
use std::fmt;

/// One reason why a unit is touched.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Reason {
    /// Its key documents differ here.
    Key(Change),
    /// The base did not publish it.
    New,
    /// The base published it, and could not have built it.
    Unplanned {
        /// Why not.
        why: String,
    },
    /// A changed file that it is made of, or that its planning reads.
    File {
        /// Path from the root.
        file: String,
    },
    /// What makes steps of manifests has changed, and so perhaps its steps.
    Planner {
        /// The first of the files.
        file: String,
        /// How many there are beside it.
        more: usize,
    },
    /// Nothing is known of the change.
    Unknown,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What git calls two contents says nothing to a person.
            Self::Key(Change { group, what, how }) if is_of_contents(group) && how.contains('→') => {
                Change { group: group.clone(), what: what.clone(), how: "changed".to_owned() }.fmt(f)
            }
            Self::Key(change) => change.fmt(f),
            Self::New => f.write_str("not published before"),
            Self::Unplanned { why } => write!(f, "could not be built before: {why}"),
            Self::File { file } => write!(f, "file {file}: changed"),
            Self::Planner { file, more: 0 } => write!(f, "planner {file}: changed"),
            Self::Planner { file, more } => write!(f, "planner {file} and {more} more: changed"),
            Self::Unknown => f.write_str("nothing is known of the change"),
        }
    }
}

/// Whether a part of the key document holds what stands for contents of files, and no more.
fn is_of_contents(group: &str) -> bool {
    matches!(group, "inputs" | "template")
}
