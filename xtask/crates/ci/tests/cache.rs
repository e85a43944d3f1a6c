//! Keys of CI caches: what changes them, and what a workflow reads.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../plan/tests/common/mod.rs"]
mod common;

use ci::cache::{CiCache, Job, caches, formulas, github, outputs};
use common::{platform, world};
use model::backend::{Python, Recipe};
use model::key::Key;

fn key(digit: &str) -> Key {
    digit.repeat(64).parse().unwrap()
}

fn of(on: &str, change: impl Fn(&mut Job<'_>)) -> Vec<CiCache> {
    let world = world();
    let (one, two) = (key("1"), key("2"));
    let mut job = Job {
        backend: &world.backends["llama-cpp"],
        variant: &world.variants["metal"],
        platform: platform(on),
        image: Some("macos15"),
        source: Some("b6800-0c1e57098bba"),
        key: &one,
        requirements: None,
        bucket: Some("2026-W47"),
        caches: "/cache",
    };
    change(&mut job);
    if job.caches == "another key" {
        job.key = &two;
    }
    caches(&job)
}

fn named<'a>(caches: &'a [CiCache], name: &str) -> Option<&'a CiCache> {
    caches.iter().find(|cache| cache.name == name)
}

#[test]
fn a_mac_that_compiles_keeps_bottles_and_objects() {
    let caches = of("darwin/arm64", |_| {});
    let brew = named(&caches, "brew").unwrap();
    assert!(brew.key.starts_with("brew-darwin-arm64-macos15-v2-"), "{}", brew.key);
    assert!(brew.restore_keys.iter().all(|start| brew.key.starts_with(start)));
    let ccache = named(&caches, "ccache").unwrap();
    assert_eq!(ccache.key, "ccache-llama-cpp-metal-darwin-arm64-b6800-0c1e57098bba-1111111111111111");
    assert_eq!(
        ccache.restore_keys,
        ["ccache-llama-cpp-metal-darwin-arm64-b6800-0c1e57098bba-", "ccache-llama-cpp-metal-darwin-arm64-"]
    );
    assert_eq!(ccache.path, "/cache/ccache");
    assert_eq!(named(&caches, "wheels"), None);
}

#[test]
fn what_is_compiled_changes_the_compiler_cache_and_nothing_else() {
    let before = of("darwin/arm64", |_| {});
    let after = of("darwin/arm64", |job| job.caches = "another key");
    assert_ne!(named(&before, "ccache").unwrap().key, named(&after, "ccache").unwrap().key);
    assert_eq!(named(&before, "ccache").unwrap().restore_keys, named(&after, "ccache").unwrap().restore_keys);
    assert_eq!(named(&before, "brew"), named(&after, "brew"));
    let other = of("darwin/arm64", |job| job.image = Some("macos26"));
    assert_ne!(named(&before, "brew").unwrap().key, named(&other, "brew").unwrap().key);
}

#[test]
fn linux_has_no_homebrew() {
    let caches = of("linux/amd64", |_| {});
    assert_eq!(caches.iter().map(|cache| cache.name).collect::<Vec<_>>(), ["ccache"]);
}

#[test]
fn wheels_go_by_time_and_requirements() {
    let mut world = world();
    let backend = world.backends.get_mut("local-store").unwrap();
    backend.recipe = Recipe::Python(Python {
        entry: "server.py".parse().unwrap(),
        requirements: vec!["requirements.txt".parse().unwrap()],
        overrides: None,
        lock: None,
        undated: Vec::new(),
    });
    let backend = backend.clone();
    let wheels = |requirements, bucket| {
        let one = key("1");
        let job = Job {
            backend: &backend,
            variant: &world.variants["metal"],
            platform: platform("darwin/arm64"),
            image: None,
            source: None,
            key: &one,
            requirements: Some(requirements),
            bucket,
            caches: "/cache",
        };
        let caches = caches(&job);
        assert_eq!(caches.len(), 1, "Python needs nothing of Homebrew");
        caches.into_iter().next().unwrap()
    };
    let now = wheels("aa", Some("2026-W47"));
    assert_eq!(now.key, "wheels-local-store-metal-darwin-arm64-2026-W47-aa");
    // Another week starts from the wheels of the last one.
    let next = wheels("aa", Some("2026-W48"));
    assert!(now.key != next.key && now.key.starts_with(&next.restore_keys[1]));
    assert!(now.key.starts_with(&wheels("bb", Some("2026-W47")).restore_keys[0]));
    assert_eq!(wheels("aa", None).key, "wheels-local-store-metal-darwin-arm64-locked-aa");
}

#[test]
fn every_output_is_there_and_can_be_read_back() {
    let names = [
        "brew-formulas",
        "brew-key",
        "brew-path",
        "brew-restore-keys",
        "ccache-key",
        "ccache-path",
        "ccache-restore-keys",
        "wheels-key",
        "wheels-path",
        "wheels-restore-keys",
    ];
    let world = world();
    let recipe = &world.backends["llama-cpp"].recipe;
    for caches in [of("darwin/arm64", |_| {}), Vec::new()] {
        let outputs = outputs(&caches, formulas(recipe));
        assert_eq!(outputs.keys().map(String::as_str).collect::<Vec<_>>(), names);
        // As the runner reads it.
        let text = github(&outputs);
        let mut lines = text.lines();
        let mut read = std::collections::BTreeMap::new();
        while let Some(line) = lines.next() {
            if let Some((name, end)) = line.split_once("<<") {
                let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
                read.insert(name.to_owned(), value.join("\n"));
            } else {
                let (name, value) = line.split_once('=').unwrap();
                read.insert(name.to_owned(), value.to_owned());
            }
        }
        assert_eq!(read, outputs);
    }
}
