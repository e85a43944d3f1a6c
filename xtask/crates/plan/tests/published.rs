//! Units: all that the manifests publish, each with a plan, whatever machine asks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{host, platform, world};
use model::grpc::{Grpc, GrpcPin};
use model::unit::UnitId;
use plan::container::BuilderChoice;
use plan::published::{instead, is_keyed_on, plan, published, units};
use plan::realm::Realm;
use plan::request::{CompilerCache, RealmChoice, Request};

fn world_of(host_platform: &str) -> common::World {
    let mut world = world();
    world.host = host(host_platform);
    // The variants of the small world that have a base on every Linux, and the one of a Mac.
    for backend in world.backends.values_mut() {
        backend.variants.retain(|used| ["cpu", "metal"].contains(&used.variant.as_str()));
        for used in &mut backend.variants {
            let mac = used.variant.as_str() == "metal";
            used.platforms.retain(|platform| !mac || platform.as_str() == "darwin/arm64");
        }
    }
    world
}

#[test]
fn every_row_of_every_manifest_is_a_unit_in_a_fixed_order() {
    let world = world_of("linux/amd64");
    let names: Vec<String> = units(&world.manifests).map(|unit| unit.slug()).collect();
    let of = |backend: &str| {
        ["cpu.linux-amd64", "cpu.linux-arm64", "cpu.darwin-arm64", "metal.darwin-arm64"]
            .map(|rest| format!("{backend}.{rest}"))
    };
    assert_eq!(names, [of("lexical"), of("llama-cpp"), of("local-store")].concat());
}

#[test]
fn linux_is_published_from_containers_and_a_mac_from_a_mac() {
    for here in ["linux/amd64", "linux/arm64", "darwin/arm64"] {
        let world = world_of(here);
        for unit in units(&world.manifests) {
            let plan = plan(&world.manifests, &world.host, &unit).unwrap();
            let mac = unit.platform == platform("darwin/arm64");
            assert_eq!(plan.realm == Realm::Native, mac, "{unit} on {here}");
            let known = is_keyed_on(&world.host, &plan);
            assert_eq!(known, !mac || here == "darwin/arm64", "{unit} on {here}");
        }
    }
}

#[test]
fn what_was_planned_before_does_not_matter() {
    let world = world_of("linux/amd64");
    let all = || -> Vec<_> {
        units(&world.manifests).map(|unit| plan(&world.manifests, &world.host, &unit).unwrap()).collect()
    };
    let first = all();
    assert_eq!(all(), first, "with every footing known");
    for made in &first {
        assert_eq!(plan(&world_of("linux/amd64").manifests, &world.host, &made.unit).unwrap(), *made);
    }
}

#[test]
fn a_container_plan_is_the_same_on_every_machine() {
    let [linux, mac] = ["linux/arm64", "darwin/arm64"].map(world_of);
    for unit in units(&linux.manifests).filter(|unit| unit.platform != platform("darwin/arm64")) {
        let made = |world: &common::World, unit: &UnitId| {
            let mut plan = plan(&world.manifests, &world.host, unit).unwrap();
            plan.reason.clear();
            plan
        };
        assert_eq!(made(&linux, &unit), made(&mac, &unit), "{unit}");
    }
}

#[test]
fn what_is_published_serves_who_says_nothing_of_how_to_build() {
    let world = world_of("linux/amd64");
    let unit = units(&world.manifests).find(|unit| unit.slug() == "llama-cpp.cpu.linux-amd64").unwrap();
    let plain = Request {
        variant: None,
        platform: None,
        publish: false,
        realm: RealmChoice::Auto,
        ..published(&unit)
    };
    let of = |request: &Request| instead(&world.manifests, &world.host, request);
    let expected = plan(&world.manifests, &world.host, &unit).unwrap();
    for request in [
        plain.clone(),
        Request { publish: true, ..plain.clone() },
        Request { variant: Some(unit.variant.clone()), platform: Some(unit.platform), ..plain.clone() },
    ] {
        assert_eq!(of(&request).as_ref(), Some(&expected), "{request:?}");
    }
    for request in [
        Request { realm: RealmChoice::Native, ..plain.clone() },
        Request { realm: RealmChoice::Container, ..plain.clone() },
        Request { flavors: vec!["native".parse().unwrap()], ..plain.clone() },
        Request { compiler_cache: CompilerCache::Off, ..plain.clone() },
        Request { builder: BuilderChoice::FromSource, ..plain.clone() },
        Request { grpc: Grpc::Source(GrpcPin::Upstream), ..plain.clone() },
        Request { settings: [("GGML_LTO".to_owned(), "ON".to_owned())].into(), ..plain.clone() },
        // Nobody publishes it, or nobody here can know its key.
        Request { platform: Some(platform("darwin/amd64")), ..plain.clone() },
        Request { platform: Some(platform("darwin/arm64")), ..plain.clone() },
    ] {
        assert_eq!(of(&request), None, "{request:?}");
    }
}
