//! The tables as a whole: every base image of the reference, and this project's own hosts.

use super::*;
use crate::grpc;
use crate::shell::lines;
use crate::testing::manifests;
use model::base::{PrebuiltBase, Toolkit};
use model::grpc::{Grpc, GrpcPin};
use model::host::Distro;
use model::manifest::Manifests;
use model::platform::{Arch, Os};
use model::source::{Mirror, NoPin, Upstream};
use model::variant::Cuda;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Requests of the ten base images, by name.
fn bases() -> BTreeMap<String, Request> {
    let family = Family::Cpp(Grpc::Source(GrpcPin::Upstream));
    let rows = manifests().bases;
    let request = |row: &PrebuiltBase| Request::for_image(&row.base, row.platform.arch, family);
    rows.values().map(|row| (row.name.to_string(), request(row))).collect()
}

fn base(name: &str) -> Request {
    bases().remove(name).unwrap()
}

fn host(distro: Distro, toolkit: Toolkit) -> Request {
    Request {
        distro,
        family: Family::Cpp(Grpc::System),
        toolkit,
        start: Start::Host,
        trees: Trees::Downloaded,
        tools: Some("/cache/tools".into()),
        ..base("amd64")
    }
}

fn made(request: &Request) -> Result<InstallPlan, DepsError> {
    static MANIFESTS: LazyLock<Manifests> = LazyLock::new(manifests);
    plan(request, MANIFESTS.pinned())
}

fn script(request: &Request) -> String {
    render_sh(&made(request).unwrap())
}

#[test]
fn scripts_of_every_base_image() {
    let bases = bases();
    assert_eq!(bases.len(), 10);
    for (name, request) in bases {
        insta::assert_snapshot!(format!("base-grpc-{name}"), script(&request));
    }
}

#[test]
fn a_script_that_stands_alone_fetches_for_itself() {
    let request = Request { trees: Trees::Downloaded, ..base("vulkan-amd64") };
    insta::assert_snapshot!("downloaded-vulkan-amd64", script(&request));
}

#[test]
fn scripts_of_debian_hosts() {
    insta::assert_snapshot!("debian-12-cpu", script(&host(Distro::Debian12, Toolkit::Cpu)));
    insta::assert_snapshot!("debian-12-vulkan", script(&host(Distro::Debian12, Toolkit::Vulkan)));
}

#[test]
fn a_script_holds_the_steps_of_its_variant_alone() {
    let marks = [
        ("nvidia", [Toolkit::Cublas, Toolkit::L4t].as_slice()),
        ("rocblas", &[Toolkit::Hipblas]),
        ("vulkan", &[Toolkit::Vulkan]),
        ("intel", &[Toolkit::Sycl]),
    ];
    for (name, request) in bases() {
        let script = script(&request).to_lowercase();
        for (mark, owners) in marks {
            // JetPack ships its toolkit: nothing of it is installed.
            let wanted = owners.contains(&request.toolkit) && request.drivers == Drivers::Install;
            assert_eq!(script.contains(mark), wanted, "{name}: {mark}");
        }
    }
}

#[test]
fn steps_come_in_the_reference_s_order() {
    let order = ["base", "cuda", "cuda-arm", "protoc", "grpc", "clean"];
    let plan = made(&base("cuda-13-arm64")).unwrap();
    assert_eq!(plan.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(), order);
}

#[test]
fn an_image_gets_a_pinned_rust_and_a_host_keeps_its_own() {
    let image = Request { family: Family::Rust, tools: Some("/opt/x".into()), ..base("amd64") };
    insta::assert_snapshot!("rust-amd64", render_sh(&made(&image).unwrap()));
    let host = made(&Request { start: Start::Host, ..image }).unwrap();
    assert_eq!(host.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(), ["base"]);
    assert_eq!(host.steps[0].actions[0].packages(), ["build-essential", "ca-certificates", "curl", "git"]);
}

/// Every request that the types allow: a plan or a typed refusal, never a malformed table.
#[test]
fn every_combination_plans_or_says_why_not() {
    let families = [Family::Cpp(Grpc::System), Family::Python, Family::Golang, Family::Rust, Family::Runtime];
    let (mut planned, image) = (0, base("amd64"));
    for distro in [Distro::Debian12, Distro::Debian13, Distro::Ubuntu2204, Distro::Ubuntu2404] {
        for (arch, family) in Arch::ALL.into_iter().flat_map(|arch| families.map(|family| (arch, family))) {
            for (toolkit, start) in Toolkit::ALL
                .into_iter()
                .flat_map(|it| [Start::Host, Start::Image, Start::VendorImage].map(|s| (it, s)))
            {
                for drivers in [Drivers::Install, Drivers::Skip] {
                    let cuda = Some(Cuda { major: 13, minor: 0 });
                    let request =
                        Request { distro, arch, family, toolkit, cuda, start, drivers, ..image.clone() };
                    match made(&request) {
                        Ok(plan) => {
                            planned += 1;
                            check(&plan);
                        }
                        Err(error) => {
                            assert!(matches!(error, DepsError::NoToolkit { .. }), "{request:?}: {error}");
                        }
                    }
                }
            }
        }
    }
    assert!(planned > 300, "{planned}");
}

fn check(plan: &InstallPlan) {
    let ids: BTreeSet<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids.len(), plan.steps.len(), "{}: a step is there twice", plan.title);
    for step in &plan.steps {
        for action in &step.actions {
            let packages = action.packages();
            let unique: BTreeSet<_> = packages.iter().collect();
            assert_eq!(unique.len(), packages.len(), "{}: {}: a package is there twice", plan.title, step.id);
        }
    }
}

#[test]
fn a_ready_machine_has_nothing_to_do() {
    for request in bases().into_values().chain([host(Distro::Debian12, Toolkit::Vulkan)]) {
        let plan = made(&request).unwrap();
        let mut state = State {
            packages: plan.packages().map(str::to_owned).collect(),
            files: plan.files().map(str::to_owned).collect(),
            lists_fresh: true,
        };
        assert_eq!(plan.pending(&state).steps, []);
        state.packages.remove("git");
        let at = plan.trees.directories();
        let left = plan.pending(&state).steps.remove(0);
        let left: Vec<String> = left.lower().flat_map(|action| lines(&action, &at)).collect();
        assert_eq!(left.len(), 1);
        assert!(left[0].ends_with("install --yes --no-install-recommends --no-upgrade git"), "{left:?}");
    }
}

#[test]
fn a_stamp_changes_with_its_step() {
    let stamp = |arch| {
        let plan = made(&Request { arch, ..base("amd64") }).unwrap();
        let files: Vec<String> =
            plan.files().filter(|file| file.contains("xtask/protoc-")).map(str::to_owned).collect();
        files.concat()
    };
    assert_ne!(stamp(Arch::Amd64), stamp(Arch::Arm64));
    assert!(stamp(Arch::Amd64).starts_with("/usr/local/share/xtask/protoc-"));
}

#[test]
fn a_tool_comes_along_only_where_it_is_too_old() {
    let with = |family: Family, found: Option<(&str, &str)>| {
        let present =
            found.map(|(tool, version)| (tool.to_owned(), version.to_owned())).into_iter().collect();
        let request = Request { family, present, ..host(Distro::Debian12, Toolkit::Cpu) };
        let plan = made(&request).unwrap();
        plan.steps.last().filter(|step| step.id.as_str() != "base").map(|step| step.id.to_string())
    };
    let go = |version| with(Family::Golang, Some(("go", version)));
    assert_eq!(go("go version go1.19.8 linux/amd64").as_deref(), Some("go"));
    let module = include_str!("../../../../../backend/go/local-store/go.mod");
    let asked = module.lines().find_map(|line| line.strip_prefix("go ")).unwrap();
    assert_eq!((go("go1.26.8 linux/amd64"), go(asked)), (None, None));
    assert_eq!(with(Family::Golang, None).as_deref(), Some("go"));
    let ninja = |version| with(Family::Cpp(Grpc::System), Some(("ninja", version)));
    assert_eq!(ninja("1.11.1").as_deref(), Some("ninja"));
    assert_eq!(ninja("1.13.2.git.kitware.jobserver-pipe-1"), None);
    assert_eq!(with(Family::Python, Some(("uv", "uv 0.13.9 (x86_64-unknown-linux-gnu)"))), None);
    assert_eq!(with(Family::Python, Some(("uv", "nonsense"))).as_deref(), Some("uv"));
}

#[test]
fn grpc_is_a_unit_on_a_host_and_a_step_in_an_image() {
    let request = Request {
        family: Family::Cpp(Grpc::Source(GrpcPin::Registry)),
        ..host(Distro::Debian12, Toolkit::Cpu)
    };
    let on_host = made(&request).unwrap();
    assert_eq!(on_host.units, [GrpcPin::Registry]);
    let (manifests, grpc) = (manifests(), GrpcPin::Upstream);
    let sources = grpc::sources(grpc, manifests.pinned()).unwrap();
    let unit: Vec<Install> = grpc::steps(grpc, Os::Linux, &sources)
        .unwrap()
        .into_iter()
        .map(|step| Install::Do(step.action))
        .collect();
    let in_image = made(&base("amd64")).unwrap().steps.into_iter().find(|step| step.id.as_str() == "grpc");
    let (fetched, work) = unit.split_at(sources.len());
    let in_image = in_image.unwrap().actions;
    // Nothing but directories before its own commands.
    assert_eq!((&in_image[..fetched.len()], &in_image[fetched.len() + 1..][..work.len()]), (fetched, work));
    let image = Request { start: Start::Image, ..request };
    assert_eq!(made(&image).unwrap_err(), DepsError::NotForScripts("grpc-registry".parse().unwrap()));
    assert_eq!(made(&base("amd64")).unwrap().units, []);
}

/// A version or a digest that stood in Rust would be out of sight of `sources --update` and `--check`.
#[test]
fn whatever_is_pinned_reaches_the_script_and_its_key() {
    let vulkan = base("vulkan-amd64");
    let rust = Request { family: Family::Rust, ..base("arm64") };
    let tools = [Family::Python, Family::Golang, Family::Cpp(Grpc::System)];
    let requests: Vec<Request> = tools
        .map(|family| Request { family, tools: Some("/opt/xtask".into()), ..base("amd64") })
        .into_iter()
        .chain([vulkan, rust, base("arm64")])
        .collect();
    let scripts = |manifests: &Manifests, trees| -> Vec<String> {
        let plan =
            |request: &Request| plan(&Request { trees, ..request.clone() }, manifests.pinned()).unwrap();
        requests.iter().flat_map(|request| render_steps(&plan(request))).map(|(_, text)| text).collect()
    };
    let before = manifests();
    let names = ["protoc-amd64", "protoc-arm64", "rust-arm64", "vulkan-sdk"];
    for name in names.into_iter().chain(grpc::pins(GrpcPin::Upstream)) {
        let mut after = manifests();
        let pin = after.pins.get_mut(name).unwrap();
        match &mut pin.upstream {
            Upstream::Archive { sha256, .. } => *sha256 = "e".repeat(64).parse().unwrap(),
            Upstream::Git { commit, .. } => *commit = "e".repeat(40).parse().unwrap(),
            other => panic!("{name}: {other:?}"),
        }
        for trees in [Trees::Mounted, Trees::Downloaded] {
            assert_ne!(scripts(&before, trees), scripts(&after, trees), "{name}: {trees:?}");
        }
        after.pins.remove(name);
        let refused = requests.iter().find_map(|request| plan(request, after.pinned()).err());
        assert_eq!(refused, Some(DepsError::NoPin(NoPin(name.to_owned()))));
    }
    let (rocm, sycl) = (base("rocm-amd64"), base("intel-amd64"));
    let vendors = [
        ("nvidia-cuda", base("cuda-12-amd64")),
        ("amd-rocm", Request { start: Start::Image, ..rocm }),
        ("intel-gpu", sycl.clone()),
        ("intel-oneapi", Request { start: Start::Image, ..sycl }),
    ];
    for (name, request) in vendors {
        for family in [request.family, Family::Runtime] {
            let request = Request { family, ..request.clone() };
            let mut after = manifests();
            let script = |manifests: &Manifests| render_sh(&plan(&request, manifests.pinned()).unwrap());
            let row = after.repositories.get_mut(name).unwrap();
            (row.uri, row.fingerprint) = ("https://other".to_owned(), "e".repeat(40).parse().unwrap());
            let (old, new) = (script(&before), script(&after));
            assert!(
                new.contains("URIs: https://other") && new.contains(&"e".repeat(40)) && old != new,
                "{name}"
            );
            after.repositories.remove(name);
            let refused = plan(&request, after.pinned()).unwrap_err();
            assert_eq!(refused, DepsError::NoPin(NoPin(name.to_owned())));
        }
    }
    for name in ["ninja", "uv", "go"] {
        let mut after = manifests();
        after.wheels.get_mut(name).unwrap().sha256.insert(Arch::Amd64, "e".repeat(64).parse().unwrap());
        assert_ne!(scripts(&before, Trees::Mounted), scripts(&after, Trees::Mounted), "{name}");
    }
}

#[test]
fn a_script_that_stands_alone_tries_every_mirror_in_order() {
    let mut manifests = manifests();
    let pin = manifests.pins.get_mut("protoc-amd64").unwrap();
    let Upstream::Archive { sha256, subdir, .. } = pin.upstream.clone() else { panic!("an archive") };
    let mirror = |url: &str, sha256| Mirror::Archive { url: url.to_owned(), sha256, subdir: subdir.clone() };
    let other = "e".repeat(64).parse().unwrap();
    pin.mirrors = vec![mirror("https://near/a.zip", sha256), mirror("https://repacked/b.zip", other)];
    manifests.pins.get_mut("re2").unwrap().mirrors = vec![Mirror::Git { url: "https://near/re2".to_owned() }];
    let request = Request { trees: Trees::Downloaded, ..base("amd64") };
    let script = render_sh(&plan(&request, manifests.pinned()).unwrap());
    let at = |text: &str| script.find(text).unwrap_or_else(|| panic!("{text} is not in {script}"));
    assert!(at("https://near/a.zip || curl") < at("https://github.com/protocolbuffers/protobuf/releases"));
    assert!(at("depth 1 https://near/re2 ") < at("depth 1 https://github.com/google/re2"));
    assert!(!script.contains("repacked"), "only the same file can be checked by the same digest");
}

#[test]
fn scripts_of_every_root_image() {
    for root in manifests().root_images.values() {
        for platform in &root.platforms {
            let request = Request::for_image(&root.base, platform.arch, Family::Runtime);
            insta::assert_snapshot!(format!("root-{}-{}", root.name, platform.arch), script(&request));
        }
    }
}

/// Nothing that compiles, and no headers: the vendors' images bring what they bring.
#[test]
fn a_root_image_installs_no_builder() {
    let image = base("amd64");
    for (distro, toolkit) in [Distro::Debian12, Distro::Ubuntu2404]
        .into_iter()
        .flat_map(|it| Toolkit::ALL.map(|toolkit| (it, toolkit)))
    {
        let cuda = Some(Cuda { major: 12, minor: 8 });
        let request = Request { distro, toolkit, cuda, family: Family::Runtime, ..image.clone() };
        let Ok(plan) = made(&request) else { continue };
        for package in plan.packages() {
            let builds = package.ends_with("-dev") || ["build-essential", "git", "cmake"].contains(&package);
            assert!(!builds, "{}: {package}", plan.title);
        }
    }
}
