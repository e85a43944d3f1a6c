//! What is to be decided, and what the registry has to be asked for that.

use super::{Candidate, Occasion};
use model::image_names::{CacheTag, Group};
use model::oci::Tag;
use model::platform::Os;
use model::unit::UnitId;
use std::collections::BTreeSet;

/// What is to be decided.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What the event asks for.
    pub occasion: Occasion,
    /// Every published unit.
    pub candidates: &'a [Candidate],
    /// Every published image.
    pub groups: &'a [Group],
    /// The units that the change touches; of no account in a release and in a refresh.
    pub selected: &'a BTreeSet<UnitId>,
    /// Build what is wanted whatever the registry has.
    pub force: bool,
}

/// What a unit is to the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// It is what the event is about.
    Wanted,
    /// It is not, and is built all the same if it is known to be missing.
    Spare,
    /// Neither.
    Idle,
}

impl Question<'_> {
    /// Every tag whose presence matters: the registry is asked once.
    pub fn tags(&self) -> BTreeSet<Tag> {
        let asked = self.candidates.iter().filter(|candidate| self.call(candidate) != Call::Idle);
        asked.filter_map(|candidate| Some(CacheTag::Image(candidate.key?).tag())).collect()
    }

    /// The images that are merged at all: a Mac's package is published by the job that builds it.
    pub(super) fn merged(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.platforms().all(|platform| platform.os == Os::Linux))
    }

    pub(super) fn touches(&self, group: &Group) -> bool {
        group.units().any(|unit| self.selected.contains(unit))
    }

    pub(super) fn call(&self, candidate: &Candidate) -> Call {
        let (selected, keyed) = (self.selected.contains(&candidate.unit), candidate.key.is_some());
        match self.occasion {
            Occasion::Release => Call::Wanted,
            Occasion::Change | Occasion::Check if selected => Call::Wanted,
            // Whoever broke it: what failed before is touched by nothing that comes later.
            Occasion::Change if keyed => Call::Spare,
            Occasion::Refresh if keyed => Call::Wanted,
            Occasion::Change | Occasion::Check | Occasion::Refresh => Call::Idle,
        }
    }
}
