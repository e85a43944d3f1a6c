//! The plans of this repository's backends for captured Macs, whichever machine this is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[allow(dead_code, reason = "shared with tests that need other parts of it")]
#[path = "../../model/src/testing.rs"]
mod testing;

use common::command;
use model::captured_host::CapturedHost;
use model::flavor::Flavor;
use model::grpc::{Grpc, GrpcPin};
use model::manifest::Manifests;
use plan::request::Request;
use plan::step::Action;
use plan::{Fact, Plan, recipe};

const ARM64: &str = include_str!("../../../../tests/fixtures/hosts/mac-arm64.yaml");
const AMD64: &str = include_str!("../../../../tests/fixtures/hosts/mac-amd64.yaml");

const BACKENDS: [(&str, &str); 4] = [
    ("backend/cpp/llama-cpp/backend.yaml", include_str!("../../../../backend/cpp/llama-cpp/backend.yaml")),
    ("backend/go/local-store/backend.yaml", include_str!("../../../../backend/go/local-store/backend.yaml")),
    ("backend/rust/lexical/backend.yaml", include_str!("../../../../backend/rust/lexical/backend.yaml")),
    ("backend/python/minilm/backend.yaml", include_str!("../../../../backend/python/minilm/backend.yaml")),
];

fn manifests() -> Manifests {
    testing::with_backends(&BACKENDS)
}

fn plan(manifests: &Manifests, mac: &str, request: &Request) -> Plan {
    let mut now = common::host("linux/amd64");
    now.refresh = Some("2026-W49".to_owned());
    let host = CapturedHost::read(mac).unwrap().host(&now);
    recipe::plan(manifests, &host, request).unwrap()
}

/// Facts, steps with what they set, and the rules of the package: all that is in a key but files and versions.
fn told(plan: &Plan) -> String {
    let mut lines = vec![format!("{}: {}", plan.unit, plan.reason)];
    lines.extend(plan.facts.iter().map(|fact| format!("needs {}", fact.name())));
    lines.extend(plan.pins.iter().map(|pin| format!("source {}", pin.name)));
    for step in &plan.steps {
        lines.push(format!("{}: {}", step.id, step.action));
        if let Action::Run { cmd } = &step.action {
            let set = |(name, value)| format!("    {name}={}", format!("{value}").replace('\u{1f}', " "));
            lines.extend(cmd.env.iter().map(set));
        }
    }
    let package = serde_json::to_string_pretty(&plan.package).unwrap();
    lines.join("\n") + "\n" + &package
}

#[test]
fn four_families_on_a_mac_with_apple_silicon() {
    let manifests = manifests();
    for backend in ["llama-cpp", "local-store", "lexical", "minilm"] {
        let published = Request { publish: true, ..common::request(backend) };
        insta::assert_snapshot!(format!("{backend}-arm64"), told(&plan(&manifests, ARM64, &published)));
    }
}

#[test]
fn cpp_on_an_intel_mac() {
    let wanted = Request { flavors: vec![Flavor::Fallback], ..common::request("llama-cpp") };
    insta::assert_snapshot!("llama-cpp-amd64", told(&plan(&manifests(), AMD64, &wanted)));
    for backend in ["local-store", "lexical", "minilm"] {
        let plan = plan(&manifests(), AMD64, &common::request(backend));
        let text = told(&plan);
        assert!(!text.contains("arm64") && !text.contains("/opt/homebrew"), "{text}");
    }
}

#[test]
fn what_no_mac_can_build_is_planned_for_none() {
    let mut manifests = manifests();
    let arm64 = "darwin/arm64".parse().unwrap();
    let vulkan = manifests.variants.get_mut("vulkan").unwrap();
    vulkan.platforms.push(arm64);
    let llama = manifests.backends.get_mut("llama-cpp").unwrap();
    llama.variants.iter_mut().find(|used| used.variant.as_str() == "vulkan").unwrap().platforms.push(arm64);
    let host = CapturedHost::read(ARM64).unwrap().host(&common::host("linux/amd64"));
    let unit =
        plan::published::units(&manifests).find(|it| it.variant.as_str() == "vulkan" && it.platform == arm64);
    let refused = plan::published::plan(&manifests, &host, &unit.unwrap()).unwrap_err().to_string();
    assert!(refused.contains("no Mac has the toolkit of `vulkan`"), "{refused}");
}

#[test]
fn what_one_mac_builds_runs_on_all_of_them() {
    let manifests = manifests();
    let usual = plan(&manifests, ARM64, &common::request("llama-cpp"));
    assert_eq!((usual.flavors.as_slice(), &usual.cpu), ([Flavor::CpuAll].as_slice(), &None));
    let asked = Request { flavors: vec![Flavor::Native], ..common::request("llama-cpp") };
    assert_eq!(plan(&manifests, ARM64, &asked).cpu.as_deref(), Some("Apple M1"));
}

#[test]
fn every_compiler_is_told_the_oldest_system_and_so_is_the_key() {
    let mut manifests = manifests();
    let compiles = |plan: &Plan| {
        let steps = plan.steps.iter().filter(|step| {
            let id = step.id.as_str();
            ["configure", "build", "fetch", "resolve", "packages"].iter().any(|verb| id.starts_with(verb))
        });
        let cmds = steps.flat_map(|step| step.action.cmds().to_vec());
        cmds.map(|cmd| cmd.env["MACOSX_DEPLOYMENT_TARGET"].to_string()).collect::<Vec<_>>()
    };
    for (target, backend) in [("15.0", "llama-cpp"), ("13.3", "local-store"), ("14.0", "minilm")] {
        manifests.macos = target.parse().unwrap();
        let plan = plan(&manifests, ARM64, &common::request(backend));
        let told = compiles(&plan);
        assert!(!told.is_empty() && told.iter().all(|said| said == target), "{backend}: {told:?}");
        assert_eq!(plan.package.unwrap().min_macos.unwrap().as_str(), target);
    }
    let linux = Request { platform: None, ..common::request("llama-cpp") };
    let linux = recipe::plan(&manifests, &common::host("linux/amd64"), &linux).unwrap();
    assert!(!told(&linux).contains("MACOSX") && !told(&linux).contains("min_macos"));
}

#[test]
fn grpc_from_source_needs_nothing_of_homebrew_and_no_gnu_tool() {
    let wanted = Request { grpc: Grpc::Source(GrpcPin::Upstream), ..common::request("llama-cpp") };
    let plan = plan(&manifests(), ARM64, &wanted);
    assert!(!plan.facts.iter().any(|fact| matches!(fact, Fact::Formula(_) | Fact::Package(_))));
    let configure = command(&plan, "configure-cpu-all");
    assert!(configure.ends_with("-DCMAKE_PREFIX_PATH=${dep:grpc};/opt/homebrew"), "{configure}");
    let grpc = &plan.deps[0].plan;
    assert!(command(grpc, "configure").contains("CMAKE_OSX_ARCHITECTURES=arm64"));
    // BSD's sed wants the end of a copy's name in the same argument, and the added line on one of its own.
    assert!(
        command(grpc, "abseil-testonly").starts_with("sed -i.orig /^    test_allocator$/a\\\n  TESTONLY\n ")
    );
    let cmds: Vec<_> = grpc.steps.iter().flat_map(|step| step.action.cmds()).collect();
    assert!(cmds.iter().all(|cmd| cmd.env["MACOSX_DEPLOYMENT_TARGET"].to_string() == "15.0"));
}
