//! What is built, used again, given another name or left alone, and which images are merged.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bench;
#[path = "../../../plan/tests/common/mod.rs"]
mod common;
mod properties;

use bench::{action, bench, image, suffixes};
use ci::queue::{Action, BuildReason, Float, IdleReason, Occasion, Question, counts, decide, markdown};
use model::event::{Event, GitRef, Head, Trigger};
use model::image_names::CacheTag;
use model::platform::Os;
use model::unit::UnitId;
use plan::presence::Answers;
use std::collections::{BTreeMap, BTreeSet};

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
        let event = Event { trigger, commit: None, default_branch: None, protected: false, run: None };
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
    let there = bench.there(|_, candidate| candidate.unit != unit && candidate.unit != arm);
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
    assert!(queue.merges.is_empty());
    let keyed = bench.candidates.iter().filter(|candidate| candidate.key.is_some()).count();
    assert_eq!(bench.question(Occasion::Change, &selected).tags().len(), keyed, "every unit in one question");
    assert!(bench.question(Occasion::Check, &selected).tags().is_empty());
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
fn a_timer_builds_whatever_is_missing_and_of_what_floats_what_would_come_out_differently() {
    let bench = bench();
    let arm = bench.unit("local-store", "cpu", "linux/arm64");
    let amd = bench.unit("local-store", "cpu", "linux/amd64");
    let failed = bench.unit("llama-cpp", "vulkan", "linux/arm64");
    let mac = bench.unit("llama-cpp", "metal", "darwin/arm64");
    let gone = [&arm, &amd, &failed];
    let there = bench.there(|_, candidate| !gone.contains(&&candidate.unit));
    let selected = BTreeSet::new();
    let question = bench.question(Occasion::Refresh, &selected);
    let floats = [
        (arm.clone(), Float::Same(image(7))),
        (amd.clone(), Float::Changed("numpy 2.4.5 → 2.4.6".to_owned())),
    ];
    let queue = decide(&question, &there, &floats.into());
    assert_eq!(action(&queue, &arm), &Action::Carry { image: image(7) });
    assert!(action(&queue, &amd).to_string().ends_with("numpy 2.4.5 → 2.4.6"));
    assert!(
        action(&queue, &failed).to_string().starts_with("missing since an earlier run: the registry has")
    );
    assert_eq!(action(&queue, &mac), &Action::Untouched { why: IdleReason::NoKey });
    assert_eq!(queue.builds().collect::<BTreeSet<_>>(), [&amd, &failed].into());
    assert_eq!(
        suffixes(&queue),
        ["-gpu-vulkan-llama-cpp", "-cpu-local-store"],
        "what is as it was needs no merge"
    );
    let rest = queue.units.iter().filter(|decided| decided.key.is_some() && !gone.contains(&&decided.unit));
    assert!(rest.clone().count() > 5);
    for decided in rest {
        assert!(matches!(decided.action, Action::Reuse { .. }), "{decided:?}");
    }
    let floats = [arm.clone(), amd].map(|unit| (unit, Float::Unknown("no lock".to_owned())));
    let queue = decide(&question, &there, &floats.into());
    assert!(queue.is_built(&arm) && action(&queue, &arm).to_string().ends_with(": no lock"));
}

#[test]
fn a_timer_with_an_empty_registry_builds_all_that_has_a_key() {
    let bench = bench();
    let selected = BTreeSet::new();
    let question = bench.question(Occasion::Refresh, &selected);
    let keyed: Vec<&UnitId> = bench
        .candidates
        .iter()
        .filter(|candidate| candidate.key.is_some())
        .map(|candidate| &candidate.unit)
        .collect();
    // And so it does where nobody answers: the net has no holes, and each job asks again before it builds.
    for there in [bench.there(|_, _| false), Answers::silent("gone")] {
        let queue = decide(&question, &there, &BTreeMap::new());
        assert_eq!(queue.builds().collect::<Vec<_>>(), keyed);
        assert!(
            queue
                .units
                .iter()
                .all(|decided| !decided.action.to_string().contains("touch") || decided.key.is_none())
        );
    }
}

#[test]
fn a_push_builds_what_an_earlier_one_left_missing_and_merges_it() {
    let bench = bench();
    let touched = bench.unit("lexical", "cpu", "linux/amd64");
    let failed = bench.unit("llama-cpp", "cpu", "linux/arm64");
    let sibling = bench.unit("llama-cpp", "cpu", "linux/amd64");
    let selected = [touched.clone()].into();
    let mut there = bench.there(|_, candidate| candidate.unit != failed && candidate.unit != touched);
    let decided =
        |occasion, there: &Answers| decide(&bench.question(occasion, &selected), there, &BTreeMap::new());
    let queue = decided(Occasion::Change, &there);
    assert_eq!(queue.builds().collect::<BTreeSet<_>>(), [&touched, &failed].into());
    assert!(action(&queue, &failed).to_string().starts_with("missing since an earlier run"), "{queue:?}");
    assert_eq!(action(&queue, &sibling), &Action::Untouched { why: IdleReason::Leg });
    assert_eq!(suffixes(&queue), ["-cpu-lexical", "-cpu-llama-cpp"]);
    // A pull request repairs nothing.
    assert_eq!(decided(Occasion::Check, &there).builds().collect::<Vec<_>>(), [&touched]);

    // Of what nobody touched, a job is queued for what is known to be missing, and for what that is merged with.
    let tag = |unit: &UnitId| {
        let candidate = bench.candidates.iter().find(|candidate| candidate.unit == *unit).unwrap();
        CacheTag::Image(candidate.key.unwrap()).tag()
    };
    there.found.remove(&tag(&sibling));
    assert_eq!(decided(Occasion::Change, &there).builds().count(), 3);
    there.found.remove(&tag(&failed));
    let queue = decided(Occasion::Change, &there);
    assert_eq!(queue.builds().collect::<Vec<_>>(), [&touched]);
    assert_eq!(action(&queue, &failed), &Action::Untouched { why: IdleReason::Unsaid });
    assert_eq!(suffixes(&queue), ["-cpu-lexical"]);
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
    let there = Answers::silent("registry a|b cannot be reached");
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
