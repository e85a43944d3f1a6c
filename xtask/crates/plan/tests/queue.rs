//! What is built, used again, given another name or left alone, and which images are merged.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{World, world};
use plan::event::{Event, GitRef, Head, Trigger};
use plan::key::Key;
use plan::names::{CacheTag, Group, groups};
use plan::oci::ImageDigest;
use plan::platform::Os;
use plan::queue::{
    Action, BuildReason, Candidate, Float, IdleReason, Occasion, Question, Queue, There, counts, decide,
    markdown,
};
use plan::unit::UnitId;
use plan::units;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// All units of the world; those of local-store stand for ones whose requirements float.
struct Bench {
    candidates: Vec<Candidate>,
    groups: Vec<Group>,
}

fn key(number: usize) -> Key {
    format!("{number:064x}").parse().unwrap()
}

fn image(number: usize) -> ImageDigest {
    format!("sha256:{number:064x}").parse().unwrap()
}

fn bench() -> Bench {
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
        candidates: units::units(world.catalog()).enumerate().map(candidate).collect(),
        groups: groups.collect(),
    }
}

impl Bench {
    fn unit(&self, backend: &str, variant: &str, platform: &str) -> UnitId {
        let is = |unit: &UnitId| {
            unit.backend.as_str() == backend
                && unit.variant.as_str() == variant
                && unit.platform.as_str() == platform
        };
        self.candidates.iter().find(|candidate| is(&candidate.unit)).unwrap().unit.clone()
    }

    fn question<'a>(&'a self, occasion: Occasion, selected: &'a BTreeSet<UnitId>) -> Question<'a> {
        Question { occasion, candidates: &self.candidates, groups: &self.groups, selected, force: false }
    }

    /// A registry that has the images of these units, and tells of all.
    fn there(&self, present: impl Fn(usize, &Candidate) -> bool) -> There {
        let answer = |(number, candidate): (usize, &Candidate)| {
            let tag = CacheTag::Image(candidate.key.clone()?).tag();
            Some((tag, present(number, candidate).then(|| image(number))))
        };
        let answers = self.candidates.iter().enumerate().filter_map(answer).collect();
        There { answers, silence: None }
    }
}

fn action<'a>(queue: &'a Queue, unit: &UnitId) -> &'a Action {
    &queue.units.iter().find(|decided| decided.unit == *unit).unwrap().action
}

fn suffixes(queue: &Queue) -> Vec<&str> {
    queue.merges.iter().map(|merge| merge.suffix.as_str()).collect()
}

#[test]
fn occasions_are_those_of_the_events() {
    let branch = || GitRef::Branch("main".to_owned());
    let tag = || GitRef::Tag("v1".to_owned());
    let unknown = Trigger::Unknown { reason: "no payload".to_owned() };
    for (trigger, occasion) in [
        (Trigger::Push(branch()), Occasion::Change),
        (Trigger::Push(tag()), Occasion::Release),
        (Trigger::Dispatch(branch()), Occasion::Change),
        (Trigger::Dispatch(tag()), Occasion::Release),
        (Trigger::Schedule(branch()), Occasion::Refresh),
        (Trigger::PullRequest { number: Some(1), head: Head::Same }, Occasion::Check),
        (Trigger::PullRequest { number: None, head: Head::Fork }, Occasion::Check),
        (Trigger::MergeGroup, Occasion::Check),
        (unknown, Occasion::Check),
        (Trigger::Local, Occasion::Change),
    ] {
        let event = Event { trigger, commit: None, default_branch: None, run: None };
        assert_eq!(Occasion::of(&event), occasion, "{event:?}");
    }
}

#[test]
fn what_exists_is_merged_and_not_built() {
    let bench = bench();
    let unit = bench.unit("llama-cpp", "cpu", "linux/amd64");
    let (selected, floats) = ([unit.clone()].into(), BTreeMap::new());
    let question = bench.question(Occasion::Change, &selected);

    let queue = decide(&question, &bench.there(|_, _| true), &floats);
    assert!(matches!(action(&queue, &unit), Action::Reuse { .. }), "{queue:?}");
    assert_eq!((queue.builds().count(), suffixes(&queue)), (0, vec!["-cpu-llama-cpp"]));

    let queue = decide(&question, &bench.there(|_, candidate| candidate.unit != unit), &floats);
    assert_eq!(queue.builds().collect::<Vec<_>>(), [&unit]);
    assert!(matches!(action(&queue, &unit), Action::Build { why: BuildReason::Absent(_) }));
    let arm = bench.unit("llama-cpp", "cpu", "linux/arm64");
    assert_eq!(action(&queue, &arm), &Action::Untouched { why: IdleReason::Leg });
    let merge = &queue.merges[0];
    assert_eq!((&merge.built[..], merge.platforms.len()), (&[unit.platform][..], 2));
}

#[test]
fn a_platform_that_the_merge_lacks_is_built_although_nothing_touched_it() {
    let bench = bench();
    let unit = bench.unit("llama-cpp", "cpu", "linux/amd64");
    let arm = bench.unit("llama-cpp", "cpu", "linux/arm64");
    let selected = [unit.clone()].into();
    let there = bench.there(|_, _| false);
    let queue = decide(&bench.question(Occasion::Change, &selected), &there, &BTreeMap::new());
    assert_eq!(queue.builds().collect::<BTreeSet<_>>(), [&unit, &arm].into());
    assert!(action(&queue, &arm).to_string().contains("`-cpu-llama-cpp` is merged"));
    // Nothing is merged for a pull request, so that its platforms need not be whole.
    let queue = decide(&bench.question(Occasion::Check, &selected), &there, &BTreeMap::new());
    assert_eq!((queue.builds().collect::<Vec<_>>(), queue.merges.len()), (vec![&unit], 0));
}

#[test]
fn a_mac_is_built_by_selection_alone_and_merged_by_nobody() {
    let bench = bench();
    let unit = bench.unit("llama-cpp", "metal", "darwin/arm64");
    let selected = [unit.clone()].into();
    let queue =
        decide(&bench.question(Occasion::Change, &selected), &bench.there(|_, _| true), &BTreeMap::new());
    assert_eq!(queue.builds().collect::<Vec<_>>(), [&unit]);
    assert!(action(&queue, &unit).to_string().contains("only a Mac knows its key"));
    assert!(queue.merges.is_empty() && bench.question(Occasion::Change, &selected).tags().is_empty());
}

#[test]
fn a_release_builds_what_is_missing_and_merges_everything() {
    let bench = bench();
    let missing = bench.unit("lexical", "cpu", "linux/arm64");
    let there = bench.there(|_, candidate| candidate.unit != missing);
    let selected = BTreeSet::new();
    let queue = decide(&bench.question(Occasion::Release, &selected), &there, &BTreeMap::new());
    let linux: Vec<&UnitId> = queue.builds().filter(|unit| unit.platform.os == Os::Linux).collect();
    assert_eq!(linux, [&missing]);
    let retagged = queue.units.iter().filter(|decided| matches!(decided.action, Action::Retag { .. }));
    let all = bench.candidates.iter().filter(|candidate| candidate.key.is_some()).count();
    assert_eq!(retagged.count(), all - 1);
    let merged = bench.groups.iter().filter(|group| group.platforms().all(|p| p.os == Os::Linux));
    assert_eq!(queue.merges.len(), merged.count());
}

#[test]
fn a_timer_builds_what_would_come_out_differently() {
    let bench = bench();
    let arm = bench.unit("local-store", "cpu", "linux/arm64");
    let amd = bench.unit("local-store", "cpu", "linux/amd64");
    let there = bench.there(|_, candidate| candidate.unit.variant.as_str() != "cpu");
    let selected = BTreeSet::new();
    let question = bench.question(Occasion::Refresh, &selected);
    let floats = [
        (arm.clone(), Float::Same(image(7))),
        (amd.clone(), Float::Changed("numpy 2.4.5 → 2.4.6".to_owned())),
    ];
    let queue = decide(&question, &there, &floats.into());
    assert_eq!(action(&queue, &arm), &Action::Carry { image: image(7) });
    assert!(action(&queue, &amd).to_string().ends_with("numpy 2.4.5 → 2.4.6"));
    assert_eq!(suffixes(&queue), ["-cpu-local-store"], "what is as it was needs no merge");
    let untouched = queue.units.iter().filter(|decided| decided.unit.backend.as_str() != "local-store");
    for decided in untouched {
        assert_eq!(decided.action, Action::Untouched { why: IdleReason::Locked }, "{}", decided.unit);
    }
    let floats = [arm.clone(), amd].map(|unit| (unit, Float::Unknown("no lock".to_owned())));
    let queue = decide(&question, &there, &floats.into());
    assert!(queue.is_built(&arm) && action(&queue, &arm).to_string().ends_with(": no lock"));
}

#[test]
fn force_builds_what_is_wanted_and_nothing_else() {
    let bench = bench();
    let unit = bench.unit("llama-cpp", "cpu", "linux/amd64");
    let selected = [unit.clone()].into();
    let question = Question { force: true, ..bench.question(Occasion::Change, &selected) };
    let queue = decide(&question, &bench.there(|_, _| true), &BTreeMap::new());
    assert_eq!(queue.builds().collect::<Vec<_>>(), [&unit]);
}

#[test]
fn the_page_says_how_many_and_why() {
    let bench = bench();
    let unit = bench.unit("llama-cpp", "cpu", "linux/amd64");
    let selected = [unit.clone()].into();
    let there = There::silent("registry a|b cannot be reached");
    let queue = decide(&bench.question(Occasion::Change, &selected), &there, &BTreeMap::new());
    let page = markdown(&queue, "keys of <base>", &|_| Some("file a|b".to_owned()));
    let total = counts(&queue);
    assert_eq!((total.builds, total.merges, total.jobs()), (2, 1, 3));
    assert_eq!(total.builds + total.skipped(), bench.candidates.len());
    assert!(page.contains("**3 jobs (2 builds, 1 merges)"), "{page}");
    assert!(page.contains("| build | 2 | the registry did not say whether it has the image |"), "{page}");
    assert!(page.contains("> registry a&#124;b cannot be reached; what it did not answer for"), "{page}");
    assert!(page.contains("keys of &#60;base&#62;") && page.contains("file a&#124;b"), "{page}");
    assert!(page.contains("| `-cpu-llama-cpp` | linux/amd64 (built), linux/arm64 (built) |"), "{page}");
}

fn occasion() -> impl Strategy<Value = Occasion> {
    prop::sample::select(vec![Occasion::Change, Occasion::Check, Occasion::Release, Occasion::Refresh])
}

/// Of every unit: whether it is selected, and what the registry says (`None`: nothing).
fn drawn() -> impl Strategy<Value = Vec<(bool, Option<bool>)>> {
    let count = bench().candidates.len();
    prop::collection::vec((any::<bool>(), prop::option::weighted(0.8, any::<bool>())), count)
}

fn situation(bench: &Bench, drawn: &[(bool, Option<bool>)]) -> (BTreeSet<UnitId>, There) {
    let all = || bench.candidates.iter().zip(drawn).enumerate();
    let selected =
        all().filter(|(_, (_, drawn))| drawn.0).map(|(_, (candidate, _))| candidate.unit.clone()).collect();
    let answer = |(number, (candidate, drawn)): (usize, (&Candidate, &(bool, Option<bool>)))| {
        let tag = CacheTag::Image(candidate.key.clone()?).tag();
        Some((tag, drawn.1?.then(|| image(number))))
    };
    (selected, There { answers: all().filter_map(answer).collect(), silence: None })
}

proptest! {
    #[test]
    fn a_merge_finds_every_platform(drawn in drawn(), occasion in occasion()) {
        let bench = bench();
        let (selected, there) = situation(&bench, &drawn);
        let queue = decide(&bench.question(occasion, &selected), &there, &BTreeMap::new());
        for merge in &queue.merges {
            let group = bench.groups.iter().find(|group| group.suffix == merge.suffix).unwrap();
            for unit in group.units() {
                let decided = queue.units.iter().find(|decided| decided.unit == *unit).unwrap();
                let tag = CacheTag::Image(decided.key.clone().unwrap()).tag();
                let is_there = matches!(there.answers.get(&tag), Some(Some(_)));
                prop_assert!(is_there != decided.action.is_build(), "{unit}: {:?}", decided.action);
            }
        }
    }

    #[test]
    fn what_is_touched_is_built_or_there(drawn in drawn()) {
        let bench = bench();
        let (selected, there) = situation(&bench, &drawn);
        for occasion in [Occasion::Change, Occasion::Check] {
            let queue = decide(&bench.question(occasion, &selected), &there, &BTreeMap::new());
            for decided in &queue.units {
                let is_left = matches!(decided.action, Action::Untouched { .. });
                prop_assert!(!(is_left && selected.contains(&decided.unit)), "{}", decided.unit);
            }
        }
    }

    #[test]
    fn selecting_more_drops_no_job(drawn in drawn(), more in any::<prop::sample::Index>(), occasion in occasion()) {
        let bench = bench();
        let (mut selected, there) = situation(&bench, &drawn);
        let before = decide(&bench.question(occasion, &selected), &there, &BTreeMap::new());
        selected.insert(more.get(&bench.candidates).unit.clone());
        let after = decide(&bench.question(occasion, &selected), &there, &BTreeMap::new());
        prop_assert!(before.builds().all(|unit| after.is_built(unit)));
        prop_assert!(before.merges.iter().all(|merge| after.is_merged(&merge.suffix)));
    }

    #[test]
    fn an_answer_never_adds_a_build(drawn in drawn(), occasion in occasion(), which in any::<prop::sample::Index>()) {
        let bench = bench();
        let (selected, mut there) = situation(&bench, &drawn);
        let question = bench.question(occasion, &selected);
        let before = decide(&question, &there, &BTreeMap::new());
        let candidate = which.get(&bench.candidates);
        if let Some(key) = &candidate.key {
            there.answers.insert(CacheTag::Image(key.clone()).tag(), Some(image(9)));
        }
        let after = decide(&question, &there, &BTreeMap::new());
        prop_assert!(after.builds().all(|unit| before.is_built(unit)));
        prop_assert!(!after.is_built(&candidate.unit) || candidate.key.is_none());
    }

    #[test]
    fn a_silent_registry_costs_builds_and_no_result(drawn in drawn(), occasion in occasion()) {
        let bench = bench();
        let (selected, there) = situation(&bench, &drawn);
        let question = bench.question(occasion, &selected);
        let (silent, told) = (There::silent("gone"), decide(&question, &there, &BTreeMap::new()));
        let blind = decide(&question, &silent, &BTreeMap::new());
        prop_assert!(told.builds().all(|unit| blind.is_built(unit)));
        prop_assert!(told.merges.iter().all(|merge| blind.is_merged(&merge.suffix)));
        prop_assert_eq!(blind.warnings.len(), 1);
    }

    #[test]
    fn only_what_is_asked_for_decides(drawn in drawn(), occasion in occasion()) {
        let bench = bench();
        let (selected, mut there) = situation(&bench, &drawn);
        let question = bench.question(occasion, &selected);
        let whole = decide(&question, &there, &BTreeMap::new());
        let asked = question.tags();
        there.answers.retain(|tag, _| asked.contains(tag));
        prop_assert_eq!(decide(&question, &there, &BTreeMap::new()), whole);
    }
}
