//! Which units a change touches, and why. Pure: what changed was captured before.

mod change;
mod everything;
mod evidence;
mod files;
mod globs;
mod keys;
mod listing;
mod planner;
mod reason;
mod side;

pub use change::{Change, ChangedFile, ContractAt, ContractEdit, Trees};
pub use evidence::{Evidence, Selection};
pub use files::{Content, Edit, Edits, Kind, Tree};
pub use globs::{Globs, Matcher};
pub use listing::{ListingError, read_diff, read_tree, read_untracked};
pub use reason::Reason;
pub use side::{is_of_contract, is_told_by_text};

use model::host::Host;
use model::manifest::Manifests;
use plan::recipe::PlanError;

/// The manifests at head, and what is needed beside them.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// What the manifests say.
    pub manifests: &'a Manifests,
    /// The machine that asks; the same for both revisions.
    pub host: &'a Host,
    /// What matches the globs of inputs.
    pub globs: &'a dyn Globs,
}

/// Why no selection could be made.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// A manifest publishes what cannot be planned.
    #[error("cannot plan {unit}, which its manifest publishes: {error}")]
    Plan {
        /// The unit.
        unit: model::unit::UnitId,
        /// Why not.
        error: Box<PlanError>,
    },
    /// Inputs that are no globs.
    #[error("the inputs of `{backend}`: {why}")]
    Globs {
        /// Whose.
        backend: model::name::BackendName,
        /// What is wrong.
        why: String,
    },
    /// A key document that is no JSON: a defect.
    #[error("cannot write a key document: {0}")]
    Json(serde_json::Error),
}

impl From<serde_json::Error> for SelectError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

/// The units at head that `change` touches, each with its reasons.
pub fn select(head: Head<'_>, change: &Change) -> Result<Selection, SelectError> {
    match change {
        Change::Trees(trees) => keys::select(head, trees),
        Change::Files { files, why } => globs::select(head, files, why),
        Change::Unknown { why } => Ok(everything::select(head, why)),
    }
}
