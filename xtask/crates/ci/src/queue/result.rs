//! What was decided.

use super::{Action, Occasion};
use model::image_names::TagSuffix;
use model::key::Key;
use model::platform::Platform;
use model::unit::UnitId;

/// What is queued, and what is not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Queue {
    /// What the event asks for.
    pub occasion: Occasion,
    /// Every published unit.
    pub units: Vec<Decided>,
    /// The published images that are merged: one merge each.
    pub merges: Vec<Merge>,
    /// What went wrong on the way without being an obstacle.
    pub warnings: Vec<String>,
}

/// What becomes of one unit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Decided {
    /// Which unit.
    #[serde(flatten)]
    pub unit: UnitId,
    /// Its key, if it is known here.
    pub key: Option<Key>,
    /// What becomes of it.
    #[serde(flatten)]
    pub action: Action,
}

/// A published image that is merged.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Merge {
    /// Which image.
    pub suffix: TagSuffix,
    /// The platforms that are built for it; the registry has the others.
    pub built: Vec<Platform>,
    /// Every platform of it.
    pub platforms: Vec<Platform>,
}

impl Queue {
    /// The units that are jobs.
    pub fn builds(&self) -> impl Iterator<Item = &UnitId> {
        self.units.iter().filter(|decided| decided.action.is_build()).map(|decided| &decided.unit)
    }

    /// Whether a unit is a job.
    pub fn is_built(&self, unit: &UnitId) -> bool {
        self.builds().any(|built| built == unit)
    }

    /// Whether an image is merged.
    pub fn is_merged(&self, suffix: &TagSuffix) -> bool {
        self.merges.iter().any(|merge| merge.suffix == *suffix)
    }
}
