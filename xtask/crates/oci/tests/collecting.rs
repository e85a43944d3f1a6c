//! What a collection deletes, on inventories made up by hand and by chance.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oci::{Collection, ImageDigest, Inventory, Keep, Node, Question, Tag, Tagged, collect, deletion_order};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const NOW: u64 = 1_000_000;
const GRACE: u64 = 1000;

fn digest(kind: char, number: usize) -> ImageDigest {
    format!("sha256:{}{number:063x}", if kind == 'm' { 'a' } else { 'b' }).parse().unwrap()
}

fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

/// A manifest of 10 bytes with these blobs of 100 bytes and these children.
fn node(blobs: &[usize], children: &[usize]) -> Node {
    Node {
        bytes: 10,
        children: children.iter().map(|number| digest('m', *number)).collect(),
        blobs: blobs.iter().map(|number| (digest('b', *number), 100)).collect(),
        ..Node::default()
    }
}

/// Tags with the number of their manifest and their age in seconds.
fn inventory(tags: &[(&str, usize, Option<u64>)], nodes: Vec<Node>) -> Inventory {
    let tagged = |(text, number, age): &(&str, usize, Option<u64>)| {
        (tag(text), Tagged { digest: digest('m', *number), written: age.map(|age| NOW - age) })
    };
    let nodes = nodes.into_iter().enumerate().map(|(number, node)| (digest('m', number), node));
    Inventory { tags: tags.iter().map(tagged).collect(), manifests: nodes.collect() }
}

fn question(inventory: &Inventory, budget: u64) -> Question<'_> {
    Question { inventory, kept: BTreeMap::new(), published: BTreeSet::new(), budget, now: NOW, grace: GRACE }
}

fn gone(collection: &Collection) -> Vec<&str> {
    collection.removals.iter().flat_map(|removal| removal.tags.iter().map(Tag::as_str)).collect()
}

#[test]
fn the_oldest_go_until_the_rest_fits() {
    let nodes = vec![node(&[0, 9], &[]), node(&[1, 9], &[]), node(&[2, 9], &[])];
    let inventory =
        inventory(&[("old", 0, Some(9000)), ("mid", 1, Some(8000)), ("new", 2, Some(7000))], nodes);
    let at = |budget| collect(&question(&inventory, budget));
    assert_eq!((at(430).before, at(430).after, gone(&at(430))), (430, 430, vec![]));
    assert_eq!((at(429).after, gone(&at(429))), (320, vec!["old"]));
    assert_eq!((at(210).after, gone(&at(210))), (210, vec!["old", "mid"]));
    let all = at(0);
    assert_eq!((all.after, gone(&all)), (0, vec!["old", "mid", "new"]));
    let frees: Vec<u64> = all.removals.iter().map(|removal| removal.frees).collect();
    assert_eq!(frees, [110, 110, 210], "the shared layer goes with the last that needs it");
}

#[test]
fn a_list_goes_before_what_it_lists_however_young_it_is() {
    let nodes = vec![node(&[0], &[]), node(&[1], &[]), node(&[], &[0]), node(&[], &[2, 1])];
    let tags =
        [("part", 0, Some(9000)), ("other", 1, Some(8500)), ("list", 2, Some(8000)), ("all", 3, Some(7000))];
    let inventory = inventory(&tags, nodes);
    let found = collect(&question(&inventory, 0));
    assert_eq!(gone(&found), ["part", "other", "list", "all"]);
    let order = deletion_order(&inventory, &found.removals);
    let order: Vec<&str> = order.iter().map(|removal| removal.tags[0].as_str()).collect();
    assert_eq!(order, ["all", "list", "part", "other"]);
}

/// As an image that is old, and that a list says is used again.
#[test]
fn what_something_young_lists_stays_with_its_own_name() {
    let nodes = vec![node(&[0], &[]), node(&[], &[0])];
    let inventory = inventory(&[("image", 0, Some(9000)), ("used", 1, Some(GRACE - 1))], nodes);
    let found = collect(&question(&inventory, 0));
    assert_eq!(gone(&found), [""; 0]);
    assert_eq!((found.kept[&tag("image")], found.kept[&tag("used")]), (Keep::Shared, Keep::Young));
}

#[test]
fn what_is_young_kept_published_or_undated_stays_with_all_it_needs() {
    let nodes = vec![
        node(&[0], &[]),
        node(&[1], &[]),
        node(&[], &[0]),
        node(&[3], &[]),
        node(&[4], &[]),
        node(&[5], &[]),
    ];
    let tags = [
        ("child", 0, Some(9000)),
        ("young", 1, Some(GRACE - 1)),
        ("list", 2, Some(9000)),
        ("asked", 3, Some(9000)),
        ("undated", 4, None),
        ("old", 5, Some(GRACE)),
    ];
    let inventory = inventory(&tags, nodes);
    let mut question = question(&inventory, 0);
    question.kept = [(tag("asked"), Keep::Asked)].into();
    question.published = [digest('m', 2)].into();
    let found = collect(&question);
    assert_eq!(gone(&found), ["old"]);
    let wanted = [
        (tag("asked"), Keep::Asked),
        (tag("child"), Keep::Shared),
        (tag("list"), Keep::Published),
        (tag("undated"), Keep::Undated),
        (tag("young"), Keep::Young),
    ];
    assert_eq!(found.kept, wanted.into());
}

#[test]
fn a_manifest_stays_if_one_of_its_tags_does() {
    let tags = [("a", 0, Some(9000)), ("b", 0, Some(9000)), ("c", 1, Some(9000))];
    let inventory = inventory(&tags, vec![node(&[0], &[]), node(&[1], &[])]);
    let mut question = question(&inventory, 0);
    question.kept = [(tag("b"), Keep::Current)].into();
    assert_eq!(gone(&collect(&question)), ["c"]);
}

#[test]
fn attachments_go_with_what_they_are_attached_to() {
    let name = |number| digest('m', number).as_tag().unwrap().to_string();
    let (first, second, lost) = (name(0), format!("{}.sig", name(1)), name(77));
    let tags = [
        ("old", 0, Some(9000)),
        ("new", 1, Some(10)),
        (&first, 2, Some(5)),
        (&second, 3, Some(9000)),
        (&lost, 4, Some(9000)),
    ];
    let nodes = (0..5).map(|number| node(&[number], &[])).collect();
    let inventory = inventory(&tags, nodes);
    let found = collect(&question(&inventory, 0));
    let gone: BTreeSet<&str> = gone(&found).into_iter().collect();
    assert_eq!(gone, BTreeSet::from(["old", first.as_str(), lost.as_str()]));
    assert_eq!((found.before, found.after), (550, 220));
}

/// A manifest: numbers of blobs and of earlier manifests.
type Shape = (Vec<usize>, Vec<usize>);

prop_compose! {
    fn situations()(
        shapes in prop::collection::vec((prop::collection::vec(0..12_usize, 0..4), prop::collection::vec(0..9_usize, 0..3)), 1..9),
        tags in prop::collection::vec((0..9_usize, prop::option::weighted(0.9, 0..4000_u64)), 0..12),
        kept in prop::collection::vec(0..12_usize, 0..3),
        published in prop::collection::vec(0..9_usize, 0..3),
        budget in 0..3000_u64,
    ) -> (Inventory, BTreeMap<Tag, Keep>, BTreeSet<ImageDigest>, u64) {
        let nodes: Vec<Node> = shapes.iter().enumerate().map(|(at, (blobs, children)): (usize, &Shape)| {
            let children: Vec<usize> = children.iter().copied().filter(|child| *child < at).collect();
            node(blobs, &children)
        }).collect();
        let names: Vec<String> = (0..tags.len()).map(|number| format!("t{number}")).collect();
        let tags: Vec<(&str, usize, Option<u64>)> =
            tags.iter().zip(&names).map(|((manifest, age), name)| (name.as_str(), manifest % nodes.len(), *age)).collect();
        let inventory = inventory(&tags, nodes);
        let kept = kept.iter().map(|number| (tag(&format!("t{number}")), Keep::Asked)).collect();
        let published = published.iter().map(|number| digest('m', *number)).collect();
        (inventory, kept, published, budget)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_collection_is_safe_exact_and_no_larger_than_needed((inventory, kept, published, budget) in situations()) {
        let question = Question { kept, published, ..question(&inventory, budget) };
        let found = collect(&question);
        let gone: BTreeSet<Tag> = found.removals.iter().flat_map(|removal| removal.tags.clone()).collect();
        let stays: BTreeSet<Tag> = inventory.tags.keys().filter(|tag| !gone.contains(*tag)).cloned().collect();

        // Safe: nothing goes that must stay, nor a manifest that is needed by what stays.
        for tag in &gone {
            let tagged = &inventory.tags[tag];
            prop_assert!(!question.kept.contains_key(tag));
            prop_assert!(tagged.written.is_some_and(|written| written + GRACE <= NOW));
            let reach = inventory.reach(&tagged.digest, &BTreeMap::new());
            prop_assert!(reach.keys().all(|part| !question.published.contains(part)));
            for other in &stays {
                let needed = inventory.reach(&inventory.tags[other].digest, &BTreeMap::new());
                prop_assert!(!needed.contains_key(&tagged.digest), "{tag} is needed by {other}");
            }
        }
        // Exact: the figures are those of the tags.
        prop_assert_eq!(found.before, inventory.bytes(inventory.tags.keys()));
        prop_assert_eq!(found.after, inventory.bytes(&stays));
        prop_assert_eq!(found.before - found.removals.iter().map(|removal| removal.frees).sum::<u64>(), found.after);
        // Enough: over budget only if all the rest must stay.
        let movable: Vec<&Tag> = stays.iter().filter(|tag| !found.kept.contains_key(*tag)).collect();
        prop_assert!(found.after <= budget || movable.is_empty());
        // In order, and nothing younger than what stayed.
        prop_assert!(found.removals.is_sorted_by_key(|removal| removal.written));
        if let Some(last) = found.removals.last() {
            for tag in movable {
                // A manifest counts as old as the newest of its tags.
                let own = &inventory.tags[tag].digest;
                let written = inventory.tags.values().filter(|tagged| tagged.digest == *own).filter_map(|t| t.written).max();
                prop_assert!(written >= last.written);
            }
        }
        // Once is enough.
        let mut rest = inventory.clone();
        rest.tags.retain(|tag, _| stays.contains(tag));
        let again = collect(&Question { inventory: &rest, ..question });
        prop_assert_eq!(again.removals, vec![]);
    }
}
