//! gRPC from source: a unit of its own, and what it changes in the units that are compiled against it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{command, request, world};
use model::flavor::Flavor;
use model::grpc::{Grpc, GrpcPin};
use model::source::{NoPin, Upstream};
use plan::Fact;
use plan::cmd::Weight;
use plan::grpc::pins;
use plan::recipe::PlanError;
use plan::request::Request;
use plan::step::Action;

fn wanted(grpc: Grpc) -> Request {
    Request { flavors: vec![Flavor::Fallback], grpc, ..request("llama-cpp") }
}

/// The small catalogue with the two pins of the registry's gRPC.
fn with_pins() -> common::World {
    let mut world = world();
    for name in pins(GrpcPin::Registry) {
        let mut pin = world.pins["llama.cpp"].clone();
        pin.name = name.parse().unwrap();
        pin.upstream = Upstream::Crate {
            package: "x".into(),
            version: "1".into(),
            sha256: "3".repeat(64).parse().unwrap(),
            subdir: "".parse().unwrap(),
        };
        pin.license_files = vec!["LICENSE".parse().unwrap(), "third_party/re2/LICENSE".parse().unwrap()];
        world.pins.insert(pin.name.clone(), pin);
    }
    let llama = world.backends.get_mut("llama-cpp").unwrap();
    llama.package.system_packages = vec!["libother-dev".into()];
    world
}

#[test]
fn the_distribution_s_is_no_unit() {
    let plan = with_pins().plan(&wanted(Grpc::System)).unwrap();
    assert!(plan.deps.is_empty());
    assert!(command(&plan, "configure-fallback").ends_with("-DCMAKE_PREFIX_PATH=/usr"));
    assert!(plan.facts.contains(&Fact::Package("libgrpc++-dev".into())));
}

#[test]
fn a_backend_is_compiled_against_the_unit_s_prefix_and_not_the_distribution_s() {
    let mut wanted = wanted(Grpc::Source(GrpcPin::Registry));
    wanted.settings.insert("CMAKE_PREFIX_PATH".into(), "/mine".into());
    let plan = with_pins().plan(&wanted).unwrap();
    let configure = command(&plan, "configure-fallback");
    assert!(configure.ends_with("-DCMAKE_PREFIX_PATH=/mine;${dep:grpc};/usr"), "{configure}");
    assert_eq!(configure.matches("CMAKE_PREFIX_PATH").count(), 1, "{configure}");
    for gone in [Fact::Package("libgrpc++-dev".into()), Fact::Tool("protoc".into())] {
        assert!(!plan.facts.contains(&gone), "{gone:?} does not reach this binary");
    }
    assert!(plan.facts.contains(&Fact::Package("libother-dev".into())));
    let package = plan.package.unwrap();
    let component = "grpc-registry/third_party/re2";
    let license = package.licenses.iter().find(|(name, _)| name == component).unwrap();
    assert_eq!(license.1.to_string(), "${dep:grpc}/share/licenses/grpc-registry/third_party/re2/LICENSE");
}

#[test]
fn the_unit_is_compiled_through_the_cache_under_the_jobserver_and_brings_its_licenses() {
    let plan = with_pins().plan(&wanted(Grpc::Source(GrpcPin::Registry))).unwrap();
    let [dependency] = plan.deps.as_slice() else { panic!("one dependency") };
    let unit = &dependency.plan;
    assert_eq!(unit.unit.slug(), "grpc.registry.linux-amd64");
    assert!(unit.package.is_none());
    // A number of jobs on the command line would keep ninja out of the jobserver.
    assert_eq!(command(unit, "compile"), "cmake --build ${build:grpc}");
    let compile = unit.steps.iter().find(|step| step.id.as_str() == "compile").unwrap();
    let Action::Run { cmd } = &compile.action else { panic!("compile runs a command") };
    assert_eq!(cmd.tuning["CCACHE_BASEDIR"].to_string(), "${build:grpc}/../..");
    assert!(cmd.env.is_empty() && cmd.weight != Weight::Light);
    let licenses = unit.steps.iter().filter(|step| matches!(step.action, Action::Copy { .. })).count();
    assert_eq!(licenses, 4);
}

#[test]
fn a_missing_pin_is_named() {
    let error = world().plan(&wanted(Grpc::Source(GrpcPin::Upstream))).unwrap_err();
    assert_eq!(error, PlanError::NoPin(NoPin("grpc".to_owned())));
}
