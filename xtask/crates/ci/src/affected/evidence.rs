//! What a selection rests on, and what came out.

use super::Reason;
use model::unit::UnitId;
use std::collections::BTreeMap;
use std::fmt;

/// What a selection rests on, from the most exact to the safest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The key documents of both revisions: a unit is touched exactly if they differ.
    Keys,
    /// A list of changed files, held against what the manifests name: no unit is missed, some are touched in vain.
    Globs,
    /// Nothing that could be relied on: all units.
    Everything,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Keys => "keys",
            Self::Globs => "globs",
            Self::Everything => "everything",
        })
    }
}

/// The units that a change touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// What it rests on.
    pub evidence: Evidence,
    /// Why on that.
    pub why: String,
    /// Each unit with its reasons, of which it has one at least.
    pub units: BTreeMap<UnitId, Vec<Reason>>,
}
