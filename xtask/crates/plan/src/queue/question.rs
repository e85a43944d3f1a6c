//! What is to be decided, and what the registry has to be asked for that.

use super::{Candidate, Occasion};
use crate::names::{CacheTag, Group, TagSuffix};
use crate::oci::Tag;
use crate::platform::Os;
use crate::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};

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

/// Why a unit is looked at.
#[derive(Clone, Copy)]
pub(super) enum Call<'a> {
    /// It is what the event is about.
    Wanted,
    /// It is not, but the image that it goes into is merged.
    Leg(&'a TagSuffix),
    /// Neither.
    Idle,
}

impl Question<'_> {
    /// Every tag whose presence matters: the registry is asked once.
    pub fn tags(&self) -> BTreeSet<Tag> {
        let legs = self.legs();
        let asked =
            self.candidates.iter().filter(|candidate| !matches!(self.call(candidate, &legs), Call::Idle));
        asked.filter_map(|candidate| Some(CacheTag::Image(candidate.key.clone()?).tag())).collect()
    }

    /// The units of every image that a change makes anew, with the image's suffix.
    pub(super) fn legs(&self) -> BTreeMap<&UnitId, &TagSuffix> {
        if self.occasion != Occasion::Change {
            return BTreeMap::new();
        }
        let touched = self.merged().filter(|group| self.touches(group));
        touched.flat_map(|group| group.units().map(|unit| (unit, &group.suffix))).collect()
    }

    /// The images that are merged at all: a Mac's package is published by the job that builds it.
    pub(super) fn merged(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.platforms().all(|platform| platform.os == Os::Linux))
    }

    pub(super) fn touches(&self, group: &Group) -> bool {
        group.units().any(|unit| self.selected.contains(unit))
    }

    pub(super) fn call<'a>(
        &self,
        candidate: &Candidate,
        legs: &BTreeMap<&UnitId, &'a TagSuffix>,
    ) -> Call<'a> {
        let wanted = match self.occasion {
            Occasion::Change | Occasion::Check => self.selected.contains(&candidate.unit),
            Occasion::Release => true,
            Occasion::Refresh => candidate.floats(),
        };
        match legs.get(&candidate.unit) {
            _ if wanted => Call::Wanted,
            Some(suffix) => Call::Leg(suffix),
            None => Call::Idle,
        }
    }
}
