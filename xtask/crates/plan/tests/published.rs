//! Units: all that the manifests publish, each with a plan, whatever machine asks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{host, platform, world};
use model::unit::UnitId;
use plan::published::{is_keyed_on, plan, units};
use plan::realm::Realm;

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
