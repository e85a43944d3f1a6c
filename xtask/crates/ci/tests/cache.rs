//! Keys of CI caches: what changes them, and what a workflow reads.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../plan/tests/common/mod.rs"]
mod common;

use ci::cache::{Budget, CiCache, Job, Wheels, caches, formulas, github, outputs};
use common::{platform, world};
use model::backend::Recipe;
use model::key::Key;
use model::platform::Arch;
use model::python::{Python, Requirements};
use std::collections::BTreeMap;

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
        lock: None,
        bucket: Some("2026-W47"),
        wheels: Wheels::OfBackends,
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
fn a_registry_has_the_same_caches_under_tags() {
    let caches = of("darwin/arm64", |_| {});
    let registry = named(&caches, "ccache").unwrap().in_registry(&"registry.example/cache".parse().unwrap());
    let all = "registry.example/cache:ccache-llama-cpp-metal-darwin-arm64-";
    let source = "b6800-0c1e57098bba-";
    assert_eq!(
        registry.read,
        [format!("{all}{source}1111111111111111"), format!("{all}{source}latest"), format!("{all}latest")]
    );
    assert_eq!(registry.read, registry.write);
    for cache in &caches {
        cache.key.parse::<model::oci::Tag>().unwrap();
    }
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
        packages: Vec::new(),
        post_install: Vec::new(),
        common: Requirements { files: vec!["requirements.txt".parse().unwrap()], ..Requirements::default() },
        by_variant: BTreeMap::new(),
    });
    let backend = backend.clone();
    let of = |wheels, requirements, bucket| {
        let one = key("1");
        let job = Job {
            backend: &backend,
            variant: &world.variants["metal"],
            platform: platform("darwin/arm64"),
            image: None,
            source: None,
            key: &one,
            requirements: Some(requirements),
            lock: None,
            bucket,
            wheels,
            caches: "/cache",
        };
        let caches = caches(&job);
        assert_eq!(named(&caches, "brew").map(|_| caches.len()), Some(2), "uv alone is Homebrew's");
        named(&caches, "wheels").unwrap().clone()
    };
    let wheels = |requirements, bucket| of(Wheels::OfBackends, requirements, bucket);
    let now = wheels("aa", Some("2026-W47"));
    assert_eq!(now.key, "wheels-local-store-metal-darwin-arm64-2026-W47-aa");
    // Another week starts from the wheels of the last one.
    let next = wheels("aa", Some("2026-W48"));
    assert!(now.key != next.key && now.key.starts_with(&next.restore_keys[1]));
    assert!(now.key.starts_with(&wheels("bb", Some("2026-W47")).restore_keys[0]));
    assert_eq!(wheels("aa", None).key, "wheels-local-store-metal-darwin-arm64-locked-aa");
    // Where there is no room for everybody's own, all have the week's, whatever they want of it.
    let shared = of(Wheels::Shared, "aa", Some("2026-W47"));
    assert_eq!(shared.key, "wheels-shared-darwin-arm64-2026-W47");
    assert_eq!(shared, of(Wheels::Shared, "bb", Some("2026-W47")));
    assert_eq!(shared.restore_keys, ["wheels-shared-darwin-arm64-"]);
}

#[test]
fn every_output_is_there_and_can_be_read_back() {
    let names = [
        "brew-formulas",
        "brew-key",
        "brew-path",
        "brew-restore-keys",
        "cargo-key",
        "cargo-path",
        "cargo-restore-keys",
        "ccache-key",
        "ccache-path",
        "ccache-restore-keys",
        "go-key",
        "go-path",
        "go-restore-keys",
        "wheels-key",
        "wheels-path",
        "wheels-restore-keys",
    ];
    let world = world();
    let recipe = &world.backends["llama-cpp"].recipe;
    for caches in [of("darwin/arm64", |_| {}), Vec::new()] {
        let outputs = outputs(&caches, &formulas(recipe, Arch::Arm64));
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

#[test]
fn go_and_cargo_keep_what_their_locks_name() {
    for (backend, name, path) in
        [("local-store", "go", "/cache/go-mod\n/cache/go-build"), ("lexical", "cargo", "/cache/cargo")]
    {
        let world = world();
        let one = key("1");
        let job = Job {
            backend: &world.backends[backend],
            variant: &world.variants["metal"],
            platform: platform("darwin/arm64"),
            image: Some("macos15"),
            source: None,
            key: &one,
            requirements: None,
            lock: Some("cafe"),
            bucket: None,
            wheels: Wheels::OfBackends,
            caches: "/cache",
        };
        let caches = caches(&job);
        let cache = named(&caches, name).unwrap();
        assert_eq!(
            (cache.key.as_str(), cache.path.as_str()),
            (format!("{name}-{backend}-darwin-arm64-cafe").as_str(), path)
        );
        assert_eq!(cache.restore_keys, [format!("{name}-{backend}-darwin-arm64-")]);
        assert_eq!(
            named(&caches, "brew").is_some(),
            backend == "local-store",
            "Rust wants nothing of Homebrew"
        );
    }
}

#[test]
fn wheels_are_shared_before_the_budget_is_exceeded() {
    let mut world = world();
    let few = Budget::of(&world.manifests);
    assert!(few.fits() && few.wheels == Wheels::OfBackends, "{few:?}");
    assert_eq!((few.mib["ccache"], few.mib["go"], few.mib["wheels"]), (2048, 800, 0));
    let python = Recipe::Python(Python {
        entry: "server.py".parse().unwrap(),
        packages: Vec::new(),
        post_install: Vec::new(),
        common: Requirements { files: vec!["requirements.txt".parse().unwrap()], ..Requirements::default() },
        by_variant: BTreeMap::new(),
    });
    let mut add = |count: usize| {
        for index in 0..count {
            let mut backend = world.manifests.backends["local-store"].clone();
            backend.recipe = python.clone();
            backend.name = format!("python-{index}").parse().unwrap();
            world.backends.insert(backend.name.clone(), backend);
        }
        Budget::of(&world.manifests)
    };
    let apart = add(3);
    assert!(apart.wheels == Wheels::OfBackends && apart.mib["wheels"] == 3 * 1536, "{apart:?}");
    // The reference's five are too many for it as well.
    let shared = add(5);
    assert!(shared.fits() && shared.wheels == Wheels::Shared && shared.mib["wheels"] == 1536, "{shared:?}");
}
