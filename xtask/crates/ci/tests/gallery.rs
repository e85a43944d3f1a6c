//! The index of what is published, and an index against what is published.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

use ci::audit::{Named, Promise, Report, Seen, SeenRepository, compare, promises};
use ci::gallery::{self, Channel};
use model::manifest::{self, Files, Manifests};
use model::oci::{ImageDigest, Tag};
use std::collections::{BTreeMap, BTreeSet};

const REPOSITORIES: [&str; 3] = ["quay.io/x/backends", "x/backends", "registry.example:5000/backends"];

fn manifests() -> Manifests {
    let mut files = Files::new();
    files.insert(manifest::VARIANTS.into(), include_str!("../../../../backend/variants.yaml").to_owned());
    files.insert(manifest::SOURCES.into(), include_str!("../../../../backend/sources.yaml").to_owned());
    for (name, text) in [
        ("cpp/llama-cpp", include_str!("../../../../backend/cpp/llama-cpp/backend.yaml")),
        ("rust/lexical", include_str!("../../../../backend/rust/lexical/backend.yaml")),
    ] {
        files.insert(format!("backend/{name}/backend.yaml").into(), text.to_owned());
    }
    manifest::load(&files).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn promised(manifests: &Manifests) -> Vec<Promise> {
    promises(&manifests.backends, &manifests.variants, |_| None).unwrap()
}

fn digest(text: &str) -> ImageDigest {
    ImageDigest::sha256(text.as_bytes())
}

/// Every promise kept, in every repository.
fn all(promises: &[Promise], name: &str) -> Seen {
    let named = |promise: &Promise| {
        let tag = promise.tag(name).unwrap();
        let legs =
            promise.legs.keys().map(|platform| (platform.to_string(), digest(&format!("{tag}{platform}"))));
        let version = Some(format!("v1.2.3{}", promise.image.suffix()));
        (tag.clone(), Named { digest: digest(tag.as_str()), legs: legs.collect(), version })
    };
    let there = |repository: &str| SeenRepository {
        repository: repository.parse().unwrap(),
        tags: promises.iter().map(named).collect(),
        gone: BTreeSet::new(),
        blobs_gone: BTreeMap::new(),
        unpromised: BTreeSet::new(),
    };
    Seen { repositories: REPOSITORIES.map(there).into(), ..Seen::default() }
}

fn index(manifests: &Manifests, seen: &Seen) -> gallery::Gallery {
    let promises = promised(manifests);
    let report = compare(&promises, "latest", seen);
    let channel = Channel { name: "latest", development: false, seen, report: &report };
    gallery::gallery(manifests, &promises, &[channel])
}

#[test]
fn what_is_published_has_an_entry_and_every_machine_is_led_to_one() {
    let manifests = manifests();
    let gallery = index(&manifests, &all(&promised(&manifests), "latest"));
    assert_eq!(gallery.left_out, []);
    insta::assert_snapshot!(gallery.text());
}

#[test]
fn what_moves_has_entries_of_its_own_without_a_version() {
    let manifests = manifests();
    let promises = promised(&manifests);
    let (mut seen, report) = (all(&promises, "master"), Report::default());
    for there in &mut seen.repositories {
        there.tags.values_mut().for_each(|named| named.version = Some("master-cpu-lexical".into()));
    }
    let channel = Channel { name: "master", development: true, seen: &seen, report: &report };
    let text = gallery::gallery(&manifests, &promises, &[channel]).text();
    assert!(text.contains("default: cpu-lexical-development\n"), "{text}");
    assert!(
        text.contains("uri: quay.io/x/backends:master-cpu-lexical\n") && !text.contains("version"),
        "{text}"
    );
}

/// The index when `change` was made to what is published.
fn after(change: impl FnOnce(&mut Seen)) -> (String, Vec<String>) {
    let manifests = manifests();
    let mut seen = all(&promised(&manifests), "latest");
    change(&mut seen);
    let gallery = index(&manifests, &seen);
    let left = gallery.left_out.iter().map(|left| format!("{}: {}", left.tag, left.why)).collect();
    (gallery.text(), left)
}

fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

#[test]
fn what_is_not_there_or_not_whole_is_left_out() {
    let cpu = tag("latest-cpu-llama-cpp");
    let (text, left) = after(|seen| {
        seen.repositories.iter_mut().for_each(|there| drop(there.tags.remove(&cpu)));
    });
    assert_eq!(left, ["latest-cpu-llama-cpp: it is not published"]);
    assert!(!text.contains("cpu-llama-cpp\n") && !text.contains("default: cpu-llama-cpp"), "{text}");

    let (text, left) =
        after(|seen| seen.repositories[2].gone.extend([digest("latest-cpu-llama-cpplinux/arm64")]));
    assert!(left[0].contains("which is not there") && !text.contains("name: cpu-llama-cpp"), "{left:?}");

    let (_, left) = after(|seen| seen.repositories[0].tags.get_mut(&cpu).unwrap().digest = digest("other"));
    assert!(left[0].contains("quay.io/x/backends has sha256:"), "{left:?}");

    // The first that has it is where it is taken from.
    let (text, left) = after(|seen| drop(seen.repositories[0].tags.remove(&cpu)));
    assert!(left.is_empty() && text.contains("uri: docker.io/x/backends:latest-cpu-llama-cpp\n"), "{text}");

    let (text, _) = after(|seen| seen.repositories.iter_mut().for_each(|there| there.tags.clear()));
    assert!(text.ends_with("\n[]\n"), "{text}");
}

#[test]
fn without_one_release_of_cuda_machines_are_led_to_the_other() {
    let (text, _) = after(|seen| {
        for there in &mut seen.repositories {
            there.tags.remove(&tag("latest-gpu-nvidia-cuda-12-llama-cpp"));
        }
    });
    assert!(text.contains("    nvidia: cuda13-llama-cpp\n") && !text.contains("nvidia-cuda-12:"), "{text}");
}

/// What differs between an index and what is published.
fn differences(text: &str, change: impl FnOnce(&mut Seen)) -> Vec<String> {
    let manifests = manifests();
    let promises = promised(&manifests);
    let mut seen = all(&promises, "latest");
    change(&mut seen);
    let listed = gallery::read(text).unwrap();
    let expected = gallery::promised(&promises, &["latest"]);
    gallery::compare(&listed, &expected, &seen.repositories).iter().map(ToString::to_string).collect()
}

#[test]
fn an_index_that_was_written_is_what_is_published() {
    let (text, _) = after(|_| ());
    assert_eq!(differences(&text, |_| ()), Vec::<String>::new());
}

#[test]
fn what_is_missing_on_either_side_is_named_by_platform() {
    let (text, _) = after(|_| ());
    let cpu = tag("latest-cpu-llama-cpp");
    let found = differences(&text, |seen| {
        seen.repositories[0].tags.get_mut(&cpu).unwrap().legs.pop();
        seen.repositories[1].tags.remove(&cpu);
        seen.repositories[2].gone.extend([digest("latest-cpu-llama-cpplinux/amd64")]);
        let stranger =
            Named { digest: digest("s"), legs: vec![("linux/amd64".into(), digest("t"))], version: None };
        seen.repositories[0].tags.insert(tag("latest-cpu-stranger"), stranger);
    });
    let broken = digest("latest-cpu-llama-cpplinux/amd64");
    assert_eq!(
        found,
        [
            "cpu-llama-cpp: there is no docker.io/x/backends:latest-cpu-llama-cpp (linux/amd64, linux/arm64)"
                .to_owned(),
            "cpu-llama-cpp: quay.io/x/backends:latest-cpu-llama-cpp has no image for linux/arm64".to_owned(),
            format!(
                "cpu-llama-cpp: the image of registry.example:5000/backends:latest-cpu-llama-cpp for linux/amd64, \
                 {broken}, is not all there"
            ),
            "quay.io/x/backends:latest-cpu-stranger (linux/amd64) is published and in no entry".to_owned(),
        ]
    );
}

#[test]
fn an_index_kept_by_hand_is_read_with_all_its_ways() {
    let text = "\
- &base
  name: lexical
  alias: lexical
  capabilities:
    default: cpu-lexical
    nvidia: cuda12-lexical
- !!merge <<: *base
  name: cpu-lexical
  uri: quay.io/x/backends:latest-cpu-lexical
  mirrors:
    - x/backends:latest-cpu-lexical
    - oci://registry.example:5000/backends:latest-cpu-lexical
- !!merge <<: *base
  name: lexical-again
- name: archive
  uri: https://files.example/lexical.tar
";
    let found = differences(text, |seen| {
        for there in &mut seen.repositories {
            there.tags.retain(|tag, _| tag.as_str() == "latest-cpu-lexical");
        }
    });
    assert_eq!(
        found,
        [
            "cpu-lexical: LocalAI takes x/backends:latest-cpu-lexical for no image; write oci:// and the registry before it",
            "lexical: nvidia leads to cuda12-lexical, which is no entry",
            "lexical-again: nvidia leads to cuda12-lexical, which is no entry",
            "docker.io/x/backends:latest-cpu-lexical (linux/amd64, linux/arm64) is published and in no entry",
        ]
    );
    let error = gallery::read("- name: [a]\n").unwrap_err().to_string();
    assert!(error.contains("line 1"), "{error}");
}
