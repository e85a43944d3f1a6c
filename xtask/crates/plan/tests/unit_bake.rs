//! The bake file of a unit, by builder, family and policy.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "tests read the repository; the library does not")]

mod common;

use common::{World, request, world};
use model::event::CachePolicy;
use model::image_names::CompilerCacheTag;
use model::key::Key;
use model::unit::UnitId;
use plan::container::{Builder, Container, Ingredients};
use plan::lower::bake::{Export, Push, Secret};
use plan::lower::{Caches, Contexts, Network, UnitBuild, build_sh};
use plan::realm::Realm;
use plan::request::RealmChoice;
use plan::shell::Directories;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A unit to build, with everything around it.
struct Bench {
    world: World,
    unit: UnitId,
    key: Key,
    container: Container,
    contexts: Contexts,
    caches: Caches,
    network: Network,
}

impl Bench {
    fn new(backend: &str) -> Self {
        let world = world();
        let mut wanted = request(backend);
        wanted.realm = RealmChoice::Container;
        let plan = world.plan(&wanted).unwrap();
        let Realm::Container(container) = plan.realm.clone() else { panic!("a container was asked for") };
        let mut container = *container;
        // What a base installs has its own tests.
        let mut base = Ingredients::clone(&container.base);
        base.install.steps.clear();
        container.base = Arc::new(base.into());
        let variant = &world.variants["cpu"];
        Self {
            key: "ab".repeat(32).parse().unwrap(),
            contexts: Contexts {
                templates: "/checkout/docker".into(),
                inputs: "/contexts/inputs".into(),
                sources: "/contexts/sources".into(),
                steps: "/contexts/steps".into(),
                pins: "/contexts/pins".into(),
                packer: "/contexts/packer".into(),
            },
            caches: Caches {
                repository: "registry.example/ci-cache".parse().unwrap(),
                layers: "cache-cpu-llama-cpp-amd64".parse().unwrap(),
                compiler: CompilerCacheTag::of(&plan.unit.backend, plan.unit.platform.arch, variant),
                seed: None,
                reads_layers: true,
                policy: CachePolicy { read: true, write: true },
            },
            network: Network {
                proxies: [("https_proxy".into(), "http://proxy.example:3128".into())].into(),
                secrets: vec![Secret::from_file("ca", "/etc/ca.pem"), Secret::from_env("GOPROXY")],
            },
            unit: plan.unit,
            world,
            container,
        }
    }

    fn build(&self) -> UnitBuild<'_> {
        UnitBuild {
            unit: &self.unit,
            key: &self.key,
            recipe: &self.world.backends[&self.unit.backend].recipe,
            container: &self.container,
            contexts: &self.contexts,
            caches: &self.caches,
            exports: vec![Export::Local { dest: "/contexts/package".into() }],
            network: &self.network,
            force: false,
            run: "run-1",
        }
    }
}

fn json(build: &UnitBuild<'_>) -> Value {
    serde_json::from_str(&build.bake().unwrap().to_json().unwrap()).unwrap()
}

#[test]
fn a_pushed_unit_from_a_prebuilt_base() {
    let mut bench = Bench::new("llama-cpp");
    bench.container.builder = Builder::Prebuilt;
    let mut build = bench.build();
    let names = ["quay.example/backends", "registry.example/ci-cache"].map(str::to_owned).into();
    build.exports.push(Export::Image { names, push: Some(Push::ByDigest), rewrite_timestamps: true });
    insta::assert_snapshot!(build.bake().unwrap().to_json().unwrap());
}

#[test]
fn from_source_also_finds_the_layers_of_the_base() {
    let mut bench = Bench::new("llama-cpp");
    bench.container.builder = Builder::FromSource;
    let file = json(&bench.build());
    let unit = &file["target"]["unit"];
    assert_eq!(unit["args"]["BUILDER_TARGET"], "builder-fromsource");
    assert_eq!(unit["args"]["BUILDER_BASE_IMAGE"], Value::Null);
    assert_eq!(unit["cache-from"][1], "type=registry,ref=registry.example/ci-cache:cache-base-grpc-noble");
}

#[test]
fn both_builders_make_one_image() {
    let mut bench = Bench::new("llama-cpp");
    let labels = [Builder::Prebuilt, Builder::FromSource].map(|builder| {
        bench.container.builder = builder;
        json(&bench.build())["target"]["unit"]["labels"].clone()
    });
    assert_eq!(labels[0], labels[1]);
}

#[test]
fn a_pull_request_reads_and_never_writes() {
    let mut bench = Bench::new("llama-cpp");
    bench.caches.policy.write = false;
    let file = json(&bench.build());
    let unit = &file["target"]["unit"];
    assert_eq!(
        unit["cache-from"][0],
        "type=registry,ref=registry.example/ci-cache:cache-cpu-llama-cpp-amd64"
    );
    assert_eq!(unit["cache-to"], Value::Null);
    assert_eq!(
        file["target"]["ccache-dump"],
        Value::Null,
        "a target that pushes must not be there to be run"
    );
    assert!(file["target"]["ccache-load"].is_object());
}

#[test]
fn only_compiled_families_carry_a_cache() {
    let bench = Bench::new("local-store");
    let file = json(&bench.build());
    let names: Vec<&String> = file["target"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["unit"]);
    assert_eq!(file["target"]["unit"]["dockerfile"], "/checkout/docker/Dockerfile.golang");
    assert_eq!(file["target"]["unit"]["args"]["CACHE_ID"], "inference-backends-amd64");
}

#[test]
fn force_runs_the_units_own_stages_again() {
    let bench = Bench::new("llama-cpp");
    let build = UnitBuild { force: true, ..bench.build() };
    // `no-cache-filter` would run them with empty cache mounts.
    let file = json(&build);
    assert_eq!(file["target"]["unit"]["args"]["RUN_ID"], bench.build().run);
    assert_eq!(file["target"]["unit"]["no-cache-filter"], serde_json::Value::Null);
    assert_eq!(json(&bench.build())["target"]["unit"]["args"]["RUN_ID"], serde_json::Value::Null);
}

#[test]
fn a_template_mounts_the_caches_that_its_steps_use() {
    let world = world();
    let templates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docker");
    for backend in world.backends.values() {
        let mut wanted = request(backend.name.as_str());
        wanted.realm = RealmChoice::Container;
        let script = build_sh(&world.plan(&wanted).unwrap(), &Directories::default());
        let template = backend.recipe.template().file_name();
        let text = std::fs::read_to_string(templates.join(template)).unwrap();
        let used: BTreeSet<&str> = script
            .split("/cache/")
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap())
            .collect();
        assert!(!used.is_empty(), "{}", backend.name);
        for cache in used {
            assert!(text.contains(&format!(",target=/xtask/cache/{cache}")), "{template}: {cache}");
        }
    }
}
