//! What holds whatever is selected and whatever the registry says.

use super::bench::{Bench, action, bench, image};
use ci::queue::{Action, BuildReason, Candidate, Occasion, decide};
use model::image_names::CacheTag;
use model::unit::UnitId;
use plan::presence::Answers;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn occasion() -> impl Strategy<Value = Occasion> {
    prop::sample::select(vec![Occasion::Change, Occasion::Check, Occasion::Release, Occasion::Refresh])
}

/// Of every unit: whether it is selected, and what the registry says (`None`: nothing).
fn drawn() -> impl Strategy<Value = Vec<(bool, Option<bool>)>> {
    let count = bench().candidates.len();
    prop::collection::vec((any::<bool>(), prop::option::weighted(0.8, any::<bool>())), count)
}

fn situation(bench: &Bench, drawn: &[(bool, Option<bool>)]) -> (BTreeSet<UnitId>, Answers) {
    let all = || bench.candidates.iter().zip(drawn).enumerate();
    let selected =
        all().filter(|(_, (_, drawn))| drawn.0).map(|(_, (candidate, _))| candidate.unit.clone()).collect();
    let answer = |(number, (candidate, drawn)): (usize, (&Candidate, &(bool, Option<bool>)))| {
        let tag = CacheTag::Image(candidate.key?).tag();
        Some((tag, drawn.1?.then(|| image(number))))
    };
    (selected, Answers { found: all().filter_map(answer).collect(), ..Answers::default() })
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
                let tag = CacheTag::Image(decided.key.unwrap()).tag();
                let is_there = matches!(there.found.get(&tag), Some(Some(_)));
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
            there.found.insert(CacheTag::Image(*key).tag(), Some(image(9)));
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
        let (silent, told) = (Answers::silent("gone"), decide(&question, &there, &BTreeMap::new()));
        let blind = decide(&question, &silent, &BTreeMap::new());
        // But for what a change does not touch: that is built where it is known to be missing.
        let is_missing = |unit: &UnitId| {
            matches!(action(&told, unit), Action::Build { why: BuildReason::Missing(_) | BuildReason::Absent(_) })
        };
        let repaired = |unit: &UnitId| occasion == Occasion::Change && !selected.contains(unit) && is_missing(unit);
        for group in &bench.groups {
            let repaired = group.units().any(repaired) && !group.units().any(|unit| selected.contains(unit));
            prop_assert!(repaired || group.units().all(|unit| !told.is_built(unit) || blind.is_built(unit)));
            prop_assert!(repaired || !told.is_merged(&group.suffix) || blind.is_merged(&group.suffix));
        }
        prop_assert_eq!(blind.warnings.len(), 1);
    }

    #[test]
    fn only_what_is_asked_for_decides(drawn in drawn(), occasion in occasion()) {
        let bench = bench();
        let (selected, mut there) = situation(&bench, &drawn);
        let question = bench.question(occasion, &selected);
        let whole = decide(&question, &there, &BTreeMap::new());
        let asked = question.tags();
        there.found.retain(|tag, _| asked.contains(tag));
        prop_assert_eq!(decide(&question, &there, &BTreeMap::new()), whole);
    }
}
