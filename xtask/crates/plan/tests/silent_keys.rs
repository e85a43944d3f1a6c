//! No key of a manifest is silent: whatever the schema lets one write changes a plan, or is refused.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

mod common;

use common::{World, request, world};
use model::captured_host::CapturedHost;
use model::manifest::{Files, load};
use plan::request::{RealmChoice, Request};
use std::collections::{BTreeMap, BTreeSet};

const MAC: &str = include_str!("../../../../tests/fixtures/hosts/mac-arm64.yaml");

/// Keys that say what a backend is called and where it goes, and nothing of how it is built.
const TOLD: [&str; 7] = ["name", "description", "license", "task", "variants", "tag-suffixes", "gallery"];

const HEAD: &str = "# yaml-language-server: $schema=../../../docs/schemas/backend.schema.json\nname: it\ndescription: It\nlicense: MIT\ntask: embed\nvariants: {cpu: [linux/amd64], metal: [darwin/arm64]}\n";

/// A backend of each family with the least that it needs.
const FAMILIES: [(&str, &str); 5] = [
    ("cmake", "cmake:\n  target: server\n  default-flavors: [native]\n  published-flavors: [cpu-all]\n"),
    ("go", "go:\n  package: .\n"),
    ("python", "python:\n  entry: server.py\n  requirements: [requirements.txt]\n"),
    ("rust", "rust:\n  binary: it\n"),
    ("script", "script:\n  steps: [[make]]\n  output: backend/go/it/package\n  start: run.sh\n"),
];

/// What is written for a key of every family, and of one; lines of a mapping that is there already are put in its place.
const KEYS: &[(&str, &str)] = &[
    ("inputs.include", "inputs: {include: ['backend/x/**']}"),
    ("inputs.exclude", "inputs: {include: ['backend/go/it/**'], exclude: ['backend/go/it/x']}"),
    ("inputs.generated", "inputs: {include: ['backend/go/it/**'], generated: ['backend/go/it/x']}"),
    ("sources", "sources: [llama.cpp]"),
    ("place", "sources: [llama.cpp]\nplace: [{source: llama.cpp, at: third/party}]"),
    ("build-packages.apt", "build-packages: {apt: [libespeak-ng-dev]}"),
    ("build-packages.brew", "build-packages: {brew: [espeak-ng]}"),
    ("package.env", "package: {env: {A: b}}"),
    ("package.env-if-exists", "package: {env-if-exists: {/opt/x: {A: b}}}"),
    ("package.extra-libraries", "package: {extra-libraries: [libgomp.so.1]}"),
    ("package.system-packages", "package: {system-packages: [libvulkan1]}"),
    ("cmake.source", "  source: llama.cpp\n  source-variable: X_DIR\nsources: [llama.cpp]"),
    ("cmake.source-variable", "  source: llama.cpp\n  source-variable: Y_DIR\nsources: [llama.cpp]"),
    ("cmake.target", "  target: other"),
    ("cmake.options", "  options: {A: 'ON'}"),
    ("cmake.output", "  output: server"),
    ("cmake.build-types", "  build-types: {cpu: {A: 'ON'}}"),
    ("cmake.by-platform", "  by-platform: {linux/amd64: {A: 'ON'}}"),
    ("cmake.by-variant", "  by-variant: {cpu: {A: 'ON'}}"),
    ("cmake.flavors", "  flavors: {native: {A: 'ON'}}"),
    ("cmake.default-flavors", "  default-flavors: [fallback]"),
    ("cmake.published-flavors", "  published-flavors: [fallback]"),
    ("go.package", "  package: ./cmd"),
    ("go.cgo", "  cgo: true"),
    ("go.stubs", "  stubs: backend/go/it/proto"),
    ("go.engine", "  engine: {flavors: {fallback: {}}, libraries: {IT_LIBRARY: libit.so}}"),
    (
        "go.engine",
        "  engine: {libraries: {IT_LIBRARY: libit.so}, beside: ['libggml*'], by-variant: {cpu: {A: b}}}",
    ),
    ("python.entry", "  entry: other.py"),
    ("python.requirements", "  requirements: [requirements.txt, more.txt]"),
    ("python.packages", "  packages: [backend/python/common]"),
    ("python.lock", "  lock: requirements.lock"),
    ("python.overrides", "  overrides: overrides.txt"),
    ("python.index", "  index: https://index.example/simple"),
    ("python.extra-indexes", "  extra-indexes: [https://index.example/simple]"),
    ("python.index-strategy", "  index-strategy: unsafe-best-match"),
    ("python.prerelease", "  prerelease: allow"),
    ("python.version", "  version: '3.12'"),
    ("python.build", "  build: true"),
    ("python.build-env", "  build: true\n  build-env: {CMAKE_ARGS: -DA=b}"),
    ("python.isolation", "  build: true\n  isolation: false"),
    ("python.git", "  build: true\n  git: true"),
    ("python.with", "  with: ['six<2']"),
    ("python.without-dependencies", "  without-dependencies: ['six<2']"),
    ("python.by-variant", "  by-variant: {cpu: {requirements: [cpu.txt]}}"),
    ("python.post-install", "  post-install: [[python, x.py]]"),
    ("rust.binary", "  binary: other"),
    ("rust.config", "  config: config.toml"),
    ("script.env", "  env: {A: b}"),
    ("script.network", "  network: host"),
    ("script.prepare", "  prepare: [python-stubs]"),
    ("script.steps", "  steps: [[make, all]]"),
    ("script.output", "  output: backend/go/it/out"),
];

/// A key, and what it does otherwise.
const ELSEWHERE: [(&str, &str); 3] = [
    ("python.undated", "says what of a resolution has a date, which is in what is measured"),
    ("script.start", "names a file of the package, which is known when it is packed"),
    ("script.test", "is no part of what is built: `test-backend` runs it"),
];

/// What no family takes alone.
const REFUSED: [&str; 1] = ["sources"];

/// Whether there is no plan for anybody.
fn is_refused(told: &str) -> bool {
    told.starts_with("refused") || told.lines().all(|plan| plan.starts_with("Err"))
}

/// The plans of a manifest on a laptop, on a Mac and for everybody, or why there is none.
fn told(manifest: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../backend");
    let read = |name: &str| std::fs::read_to_string(format!("{root}/{name}")).unwrap();
    let files = Files::from([
        ("backend/variants.yaml".into(), read("variants.yaml")),
        ("backend/sources.yaml".into(), read("sources.yaml")),
        ("backend/go/it/backend.yaml".into(), manifest.to_owned()),
    ]);
    let mut world = world();
    world.manifests = match load(&files) {
        Ok(manifests) => manifests,
        Err(mistakes) => return format!("refused: {mistakes:?}"),
    };
    let plan = |world: &World, wanted| format!("{:?}", world.plan(&wanted));
    let everybody = Request { realm: RealmChoice::Container, publish: true, ..request("it") };
    let mut plans = vec![plan(&world, request("it")), plan(&world, everybody)];
    world.host = CapturedHost::read(MAC).unwrap().host(&world.host);
    plans.push(plan(&world, request("it")));
    plans.join("\n")
}

/// The manifest with a key's lines in the place of those that it has.
fn with(family: &str, lines: &str) -> String {
    let (_, own) = FAMILIES.iter().find(|(name, _)| *name == family).unwrap();
    let (inside, outside): (Vec<&str>, Vec<&str>) = lines.lines().partition(|line| line.starts_with("  "));
    let key = |line: &str| line.trim_start().split(':').next().unwrap().to_owned();
    let written: BTreeSet<String> = inside.iter().map(|line| key(line)).collect();
    let kept = own.lines().filter(|line| !line.starts_with("  ") || !written.contains(&key(line)));
    let inputs = "inputs: {include: ['backend/go/it/**']}";
    let inputs = (!outside.iter().any(|line| line.starts_with("inputs"))).then_some(inputs);
    let all: Vec<&str> = inputs.into_iter().chain(outside).chain(kept).chain(inside).collect();
    format!("{HEAD}{}\n", all.join("\n"))
}

/// Every key that the schema has, with those of mappings of a fixed shape.
fn of_the_schema() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/schemas/backend.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut keys = BTreeSet::new();
    for (name, value) in schema["properties"].as_object().unwrap() {
        let reference = value["$ref"].as_str().or_else(|| {
            let ways = value["allOf"].as_array().or(value["anyOf"].as_array())?;
            ways.iter().find_map(|way| way["$ref"].as_str())
        });
        let shape = reference.map(|path| &schema["definitions"][path.rsplit('/').next().unwrap()]);
        match shape.and_then(|shape| shape["properties"].as_object()) {
            Some(inner) if !TOLD.contains(&name.as_str()) => {
                keys.extend(inner.keys().map(|inner| format!("{name}.{inner}")));
            }
            _ => drop(keys.insert(name.clone())),
        }
    }
    keys
}

#[test]
fn every_key_changes_a_plan_or_is_refused() {
    let rows: BTreeMap<&str, &str> = KEYS.iter().copied().collect();
    let family = |key: &str| {
        key.split('.').next().filter(|name| FAMILIES.iter().any(|(own, _)| own == name)).map(str::to_owned)
    };
    let mut silent: Vec<String> = Vec::new();
    for key in of_the_schema() {
        if TOLD.contains(&key.as_str()) || ELSEWHERE.iter().any(|(name, _)| *name == key) {
            continue;
        }
        let lines = rows.get(key.as_str()).unwrap_or_else(|| panic!("{key}: write here what it changes"));
        let families =
            family(&key).map_or(FAMILIES.map(|(name, _)| name.to_owned()).to_vec(), |one| vec![one]);
        for family in families {
            let base = told(&with(&family, ""));
            assert!(!is_refused(&base), "{family}: {base}");
            let after = told(&with(&family, lines));
            assert_eq!(is_refused(&after), REFUSED.contains(&key.as_str()), "{key} of {family}: {after}");
            if after == base {
                silent.push(format!("{key} of {family}"));
            }
        }
    }
    assert!(silent.is_empty(), "accepted, and changes nothing: {silent:?}");
}

#[test]
fn what_is_told_elsewhere_is_a_key() {
    let keys = of_the_schema();
    for name in
        TOLD.into_iter().chain(ELSEWHERE.map(|(name, _)| name)).chain(KEYS.iter().map(|(name, _)| *name))
    {
        assert!(keys.contains(name), "{name} is in no schema");
    }
}
