//! What the container realm changes in a unit's plan.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{World, command, platform, request, world};
use model::base::Base;
use model::flavor::Flavor;
use model::grpc::{Grpc, GrpcPin};
use model::host::Distro;
use plan::Plan;
use plan::grpc::pins;
use plan::request::{RealmChoice, Request};
use plan::step::Action;

fn wanted(backend: &str) -> Request {
    Request { realm: RealmChoice::Container, ..request(backend) }
}

/// A world whose bases are changed.
fn world_of(change: impl Fn(&mut Base)) -> World {
    let mut world = world();
    world.variants.values_mut().flat_map(|variant| variant.bases.values_mut()).for_each(change);
    world
}

/// The catalogue with the pins of a gRPC of source.
fn of_source() -> World {
    let mut world = world_of(|base| base.grpc = Grpc::Source(GrpcPin::Upstream));
    for name in pins(GrpcPin::Upstream).into_iter().chain(["protoc-amd64", "protoc-arm64"]) {
        let mut pin = world.pins["llama.cpp"].clone();
        pin.name = name.parse().unwrap();
        world.pins.insert(pin.name.clone(), pin);
    }
    world
}

#[test]
fn an_image_gets_the_published_flavors_and_never_this_processor_s() {
    let plan = world().plan(&wanted("llama-cpp")).unwrap();
    assert_eq!(plan.flavors, [Flavor::CpuAll, Flavor::Grpc, Flavor::RpcServer]);
    assert_eq!(plan.cpu, None);
    let native = Request { flavors: vec![Flavor::Native], ..wanted("llama-cpp") };
    let error = world().plan(&native).unwrap_err().to_string();
    assert!(error.contains("a container may run on another"), "{error}");
}

/// The first flavor of the published set, by variant and platform.
#[test]
fn cpu_backends_come_along_as_in_the_reference() {
    let table = [
        ("cpu", "linux/amd64", Flavor::CpuAll),
        ("cpu", "linux/arm64", Flavor::CpuAll),
        ("cuda-12", "linux/amd64", Flavor::CpuAll),
        ("cuda-12", "linux/arm64", Flavor::Fallback),
        ("vulkan", "linux/amd64", Flavor::CpuAll),
        ("vulkan", "linux/arm64", Flavor::Fallback),
        ("rocm", "linux/amd64", Flavor::Fallback),
        ("sycl-f16", "linux/amd64", Flavor::Fallback),
    ];
    for (variant, on, flavor) in table {
        let mut wanted = wanted("llama-cpp");
        wanted.variant = Some(variant.parse().unwrap());
        wanted.platform = Some(platform(on));
        assert_eq!(world().plan(&wanted).unwrap().flavors[0], flavor, "{variant} {on}");
    }
}

#[test]
fn arm_s_cpu_backends_are_compiled_by_gcc_14_where_there_is_one() {
    let compiler = |plan: &Plan| {
        let configure = plan.steps.iter().find(|step| step.id.as_str().starts_with("configure-")).unwrap();
        let Action::Run { cmd } = &configure.action else { panic!("configure runs a command") };
        let variable = |name: &str| cmd.env.get(name).map(ToString::to_string);
        variable("CC").zip(variable("CXX"))
    };
    let arm = Request { platform: Some(platform("linux/arm64")), ..wanted("llama-cpp") };
    let noble = world().plan(&arm).unwrap();
    assert_eq!(compiler(&noble), Some(("gcc-14".into(), "g++-14".into())));
    let script = noble.realm.container().unwrap().base.install_sh();
    assert!(script.contains(" g++-14 ") && script.contains(" gcc-14 "), "{script}");

    let bookworm = world_of(|base| base.distro = Distro::Debian12).plan(&arm).unwrap();
    assert_eq!((bookworm.flavors[0], compiler(&bookworm)), (Flavor::Fallback, None));
    assert_eq!(compiler(&world().plan(&wanted("llama-cpp")).unwrap()), None);
}

#[test]
fn the_base_s_grpc_is_linked_and_its_licenses_are_packed() {
    let plan = of_source().plan(&wanted("llama-cpp")).unwrap();
    assert!(plan.deps.is_empty(), "an image holds it already");
    let configure = command(&plan, "configure-cpu-all");
    assert!(configure.ends_with("-DCMAKE_PREFIX_PATH=/opt/grpc"), "{configure}");
    let package = plan.package.unwrap();
    let script = plan.realm.container().unwrap().base.install_sh();
    for pin in pins(GrpcPin::Upstream) {
        let (_, file) = package.licenses.iter().find(|(name, _)| name == pin).unwrap();
        assert_eq!(file.to_string(), format!("/opt/grpc/share/licenses/{pin}/LICENSE"));
        assert!(script.contains(&format!("/opt/grpc/share/licenses/{pin}/LICENSE\n")), "{pin}: {script}");
    }
}

#[test]
fn the_distribution_s_grpc_is_linked_where_the_base_says_so() {
    let plan = world().plan(&wanted("llama-cpp")).unwrap();
    assert!(!command(&plan, "configure-cpu-all").contains("CMAKE_PREFIX_PATH"));
    assert!(plan.realm.container().unwrap().base.install_sh().contains(" libgrpc++-dev "));
}

#[test]
fn a_grpc_that_the_base_does_not_have_is_refused() {
    let source = Request { grpc: Grpc::Source(GrpcPin::Registry), ..wanted("llama-cpp") };
    let error = world().plan(&source).unwrap_err().to_string();
    assert!(error.contains("leave --grpc away"), "{error}");
    let same = Request { grpc: Grpc::Source(GrpcPin::Upstream), ..wanted("llama-cpp") };
    assert!(of_source().plan(&same).is_ok());
}

#[test]
fn nothing_of_this_machine_is_a_fact() {
    for backend in ["llama-cpp", "local-store"] {
        assert_eq!(world().plan(&wanted(backend)).unwrap().facts, [], "{backend}");
        assert_ne!(world().plan(&request(backend)).unwrap().facts, [], "{backend}");
    }
}

#[test]
fn only_compiled_c_starts_from_a_prebuilt_base() {
    let name = |backend: &str| {
        let plan = world().plan(&wanted(backend)).unwrap();
        plan.realm.container().unwrap().base.prebuilt.as_ref().map(ToString::to_string)
    };
    assert_eq!(name("llama-cpp").as_deref(), Some("noble"));
    assert_eq!(name("local-store"), None);
}

#[test]
fn tools_that_distributions_lack_stand_in_one_place_and_first_on_the_path() {
    let plan = world().plan(&wanted("local-store")).unwrap();
    let base = &plan.realm.container().unwrap().base;
    let [path] = base.path.as_slice() else { panic!("one directory: {:?}", base.path) };
    assert!(path.starts_with("/opt/xtask/go-") && path.ends_with("/bin"), "{path}");
    assert!(base.install_sh().contains(&format!("{path}/go")));
    let script = plan::lower::build_sh(&plan, &plan::shell::Directories::default());
    assert!(script.contains(&format!("export PATH={path}:\"$PATH\"\n")), "{script}");
}

#[test]
fn there_are_no_containers_of_a_mac() {
    let mac = Request { platform: Some(platform("darwin/arm64")), ..wanted("llama-cpp") };
    let error = world().plan(&mac).unwrap_err().to_string();
    assert!(error.contains("on a Mac"), "{error}");
}
