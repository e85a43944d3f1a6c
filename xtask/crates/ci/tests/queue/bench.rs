//! What the queue is decided about: the units of the small world, and registries that have some of their images.

use super::common::{World, world};
use ci::queue::{Action, Candidate, Occasion, Question, Queue};
use model::image_names::{CacheTag, Group, groups};
use model::key::Key;
use model::oci::ImageDigest;
use model::platform::Os;
use model::unit::UnitId;
use plan::presence::Answers;
use plan::published;
use std::collections::BTreeSet;

/// All units of the world; those of local-store stand for ones whose requirements float.
pub struct Bench {
    pub candidates: Vec<Candidate>,
    pub groups: Vec<Group>,
}

fn key(number: usize) -> Key {
    format!("{number:064x}").parse().unwrap()
}

pub fn image(number: usize) -> ImageDigest {
    format!("sha256:{number:064x}").parse().unwrap()
}

pub fn bench() -> Bench {
    let mut world: World = world();
    // Metal is for Macs, and all else is not: two variants never share a name.
    for used in world.backends.values_mut().flat_map(|backend| &mut backend.variants) {
        let metal = used.variant.as_str() == "metal";
        used.platforms.retain(|platform| (platform.os == Os::Darwin) == metal);
    }
    let candidate = |(number, unit): (usize, UnitId)| Candidate {
        key: (unit.platform.os == Os::Linux).then(|| key(number)),
        steady: (unit.backend.as_str() == "local-store").then(|| key(1000 + number)),
        unit,
    };
    let groups = world.backends.values().flat_map(|backend| groups(backend, &world.variants).unwrap());
    Bench {
        candidates: published::units(&world.manifests).enumerate().map(candidate).collect(),
        groups: groups.collect(),
    }
}

impl Bench {
    pub fn unit(&self, backend: &str, variant: &str, platform: &str) -> UnitId {
        let is = |unit: &UnitId| {
            unit.backend.as_str() == backend
                && unit.variant.as_str() == variant
                && unit.platform.as_str() == platform
        };
        self.candidates.iter().find(|candidate| is(&candidate.unit)).unwrap().unit.clone()
    }

    pub fn question<'a>(&'a self, occasion: Occasion, selected: &'a BTreeSet<UnitId>) -> Question<'a> {
        Question { occasion, candidates: &self.candidates, groups: &self.groups, selected, force: false }
    }

    /// A registry that has the images of these units, and tells of all.
    pub fn there(&self, present: impl Fn(usize, &Candidate) -> bool) -> Answers {
        let answer = |(number, candidate): (usize, &Candidate)| {
            let tag = CacheTag::Image(candidate.key?).tag();
            Some((tag, present(number, candidate).then(|| image(number))))
        };
        let answers = self.candidates.iter().enumerate().filter_map(answer).collect();
        Answers { found: answers, ..Answers::default() }
    }
}

pub fn action<'a>(queue: &'a Queue, unit: &UnitId) -> &'a Action {
    &queue.units.iter().find(|decided| decided.unit == *unit).unwrap().action
}

pub fn suffixes(queue: &Queue) -> Vec<&str> {
    queue.merges.iter().map(|merge| merge.suffix.as_str()).collect()
}
