//! C++ backends: one CMake configuration, or one a flavor and one package for all of them.

mod flavors;
mod package;

pub(super) use package::{VULKAN_DRIVERS, vulkan_facts};

use super::compiler_cache::through;
use super::{Context, Parts, PlanError, grpc, sealed};
use crate::cmd::Cmd;
use crate::grpc::IMAGE_PREFIX;
use crate::plan::Dependency;
use crate::step::{Action, Step};
use crate::toolchain::{has_gcc14, vulkan_headers};
use camino::Utf8Path;
use model::arg::{Arg, Place};
use model::backend::Cmake;
use model::build_type::BuildType;
use model::flavor::Flavor;
use model::grpc::Grpc;
use model::grpc::GrpcPin;
use model::name::PinName;
use model::platform::{Arch, Os};
use model::source::Upstream;
use std::collections::BTreeMap;

/// What one compile job of ggml's largest units was seen to need, in MiB.
const CPU_JOB_MIB: u32 = 1200;
/// The largest build directory of one flavor that was seen, with room to spare, in MiB.
pub(super) const FLAVOR_MIB: u64 = 700;
/// What one nvcc or hipcc job needs, as reported by users of both.
const GPU_JOB_MIB: u32 = 5000;
/// The RPC worker's target name in upstream's build.
const RPC_TARGET: &str = "ggml-rpc-server";
const PREFIX_PATH: &str = "CMAKE_PREFIX_PATH";

pub(super) fn parts(context: &Context<'_>, recipe: &Cmake) -> Result<Parts, PlanError> {
    let flavors = flavors::flavors(context, recipe)?;
    let deps = deps(context)?;
    let mut steps = Vec::new();
    let placed = |pin: &PinName| context.backend.place.iter().any(|placed| placed.source == *pin);
    for pin in context.pins.keys().filter(|pin| !placed(pin)) {
        steps.push(Context::step(&format!("fetch-{pin}"), Action::Fetch { pin: pin.clone() })?);
    }
    for configuration in configurations(&flavors) {
        steps.extend(configure_and_build(context, recipe, configuration, &flavors, &deps)?);
    }
    for flavor in programs(&flavors) {
        steps.extend(collect(context, recipe, flavor)?);
    }
    Ok(Parts {
        facts: package::facts(context),
        steps,
        disk_mib: FLAVOR_MIB * u64::try_from(flavors.len().max(1)).unwrap_or(1),
        package: package::package(context, recipe, &flavors, &deps)?,
        deps,
        refresh: None,
        cpu: flavors.contains(&Flavor::Native).then(|| context.host.cpu.clone()),
        used_settings: cmake_settings(context).map(|(key, _)| key.clone()).collect(),
        flavors,
    })
}

/// What one configuration is called where it has no flavor.
const ALONE: &str = "server";

fn named(flavor: Option<Flavor>) -> &'static str {
    flavor.map_or(ALONE, Flavor::as_str)
}

/// The RPC worker is a second target of the `grpc` configuration, not a configuration of its own.
fn configurations(flavors: &[Flavor]) -> Vec<Option<Flavor>> {
    let configuration = |flavor: &Flavor| if *flavor == Flavor::RpcServer { Flavor::Grpc } else { *flavor };
    let mut configurations: Vec<Flavor> = flavors.iter().map(configuration).collect();
    configurations.sort_unstable();
    configurations.dedup();
    if configurations.is_empty() { vec![None] } else { configurations.into_iter().map(Some).collect() }
}

/// The programs, one a flavor or one.
fn programs(flavors: &[Flavor]) -> Vec<Option<Flavor>> {
    if flavors.is_empty() { vec![None] } else { flavors.iter().copied().map(Some).collect() }
}

fn configure_and_build(
    context: &Context<'_>,
    recipe: &Cmake,
    flavor: Option<Flavor>,
    flavors: &[Flavor],
    deps: &[Dependency],
) -> Result<Vec<Step>, PlanError> {
    let name = named(flavor);
    let label = Context::label(name)?;
    let build = Arg::place(Place::Build(label.clone()));
    let source = build.clone().then("/src/").then(context.backend.dir.as_str());
    let mut configure =
        Cmd::new("cmake", build.clone()).args(["-G", "Ninja", "-S"]).arg(source).arg("-B").arg(build.clone());
    if let Some(source) = &recipe.source {
        let tree = Place::Source(source.pin.clone());
        configure = configure.arg(Arg::text(format!("-D{}=", source.variable)).then(tree));
    }
    for (key, value) in options(context, recipe, flavor) {
        configure = configure.arg(Arg::text(format!("-D{key}=")).then(value));
    }
    if let Some(prefixes) = prefixes(context, deps) {
        configure = configure.arg(Arg::text(format!("-D{PREFIX_PATH}=")).then(prefixes));
    }
    if let Some((cc, cxx)) = newer_compiler(context, flavors) {
        configure = configure.env("CC", cc).env("CXX", cxx);
    }
    let targets = targets(recipe, flavor, flavors);
    let compile =
        Cmd::new("cmake", build.clone()).arg("--build").arg(build.clone()).arg("--target").args(targets);
    let compile = compile.parallel(job_mib(context.variant.build_type));
    let step = |verb: &str, action: Action| Context::step(&format!("{verb}-{name}"), action);
    let (cache, os) = (context.request.compiler_cache, context.platform.os);
    let cached = |cmd| Action::from(through(context.for_target(cmd), cache, os, &label));
    let mut steps = vec![
        step("stage", Action::Stage { into: build.clone().then("/src") })?,
        step("configure", cached(configure))?,
        step("build", cached(compile))?,
    ];
    if let Some(links) = sealed::links(context)? {
        let matching = vec![format!("*{}", sealed::LINK)];
        let to = links.then(format!("/{name}"));
        steps.push(step("collect-links", Action::Copy { from: build, matching, to })?);
    }
    Ok(steps)
}

/// The compiler that knows every instruction set of the arm64 CPU backends, for all of a package that has them.
fn newer_compiler(context: &Context<'_>, flavors: &[Flavor]) -> Option<(&'static str, &'static str)> {
    let arm = context.in_container() && context.platform.arch == Arch::Arm64;
    let wanted = arm && flavors.contains(&Flavor::CpuAll) && context.distro().is_some_and(has_gcc14);
    wanted.then_some(("gcc-14", "g++-14"))
}

pub(super) fn job_mib(build_type: BuildType) -> u32 {
    match build_type {
        BuildType::Cublas | BuildType::L4t | BuildType::Hipblas => GPU_JOB_MIB,
        _ => CPU_JOB_MIB,
    }
}

fn targets(recipe: &Cmake, flavor: Option<Flavor>, flavors: &[Flavor]) -> Vec<String> {
    let mut targets = vec![recipe.target.clone()];
    match flavor {
        Some(Flavor::CpuAll) => targets.push("ggml".to_owned()),
        Some(Flavor::Grpc) if !flavors.contains(&Flavor::Grpc) => targets = vec![RPC_TARGET.to_owned()],
        Some(Flavor::Grpc) if flavors.contains(&Flavor::RpcServer) => targets.push(RPC_TARGET.to_owned()),
        _ => {}
    }
    targets
}

fn options(context: &Context<'_>, recipe: &Cmake, flavor: Option<Flavor>) -> BTreeMap<String, Arg> {
    let mut options: BTreeMap<String, Arg> = BTreeMap::new();
    let mut set = |key: &str, value: &str| {
        options.insert(key.to_owned(), Arg::text(value));
    };
    set("CMAKE_BUILD_TYPE", "Release");
    // Packages need no debug information.
    if context.platform.os == Os::Linux {
        // A build id is a hash over the run path of the build directory.
        for kind in ["EXE", "SHARED", "MODULE"] {
            set(&format!("CMAKE_{kind}_LINKER_FLAGS"), "-s -Wl,--build-id=none");
        }
    }
    if let Some(pin) = recipe.source.as_ref().and_then(|source| context.pins.get(&source.pin)) {
        if let Upstream::Git { commit, .. } = &pin.upstream {
            // Upstream would ask git, and find the commit of whatever repository encloses the build.
            set("LLAMA_BUILD_COMMIT", &commit.as_str()[..7]);
        }
        set("LLAMA_BUILD_NUMBER", pin.version.trim_start_matches('b'));
    }
    options.extend(context.options(&recipe.options, flavor));
    for (key, value) in sealed::options(context) {
        options.insert(key.to_owned(), Arg::text(value));
    }
    for (key, value) in cmake_settings(context).filter(|(key, _)| *key != PREFIX_PATH) {
        options.insert(key.clone(), Arg::text(value.clone()));
    }
    options
}

/// Where CMake looks before the system's own directories: the user's prefixes, then those of dependencies, then headers
/// that are newer than the distribution's.
fn prefixes(context: &Context<'_>, deps: &[Dependency]) -> Option<Arg> {
    let users = context.request.settings.get(PREFIX_PATH).map(|value| Arg::text(value.clone()));
    let deps = deps.iter().map(|dep| Arg::place(Place::Dep(dep.label.clone())));
    let image = grpc_of_image(context).map(|_| Arg::text(IMAGE_PREFIX));
    let newer = newer_vulkan_headers(context).map(|prefix| Arg::text(format!("{prefix}/usr")));
    let system = sealed::prefix(context).map(Arg::text);
    let all = users.into_iter().chain(deps).chain(image).chain(newer).chain(system);
    all.reduce(|all, next| all.then(";").then(next))
}

/// Debian 12's Vulkan headers are too old for ggml: `install-base-deps` keeps newer ones apart from the system's.
fn newer_vulkan_headers(context: &Context<'_>) -> Option<&'static Utf8Path> {
    let vulkan = context.variant.build_type == BuildType::Vulkan;
    context.distro().filter(|_| vulkan).and_then(vulkan_headers)
}

/// The gRPC that a base image was made with, if it is not the distribution's.
fn grpc_of_image(context: &Context<'_>) -> Option<GrpcPin> {
    match context.grpc {
        Grpc::Source(pin) if context.in_container() => Some(pin),
        _ => None,
    }
}

/// Units that must be there first.
fn deps(context: &Context<'_>) -> Result<Vec<Dependency>, PlanError> {
    let Grpc::Source(pin) = context.grpc else { return Ok(Vec::new()) };
    if context.in_container() {
        return Ok(Vec::new());
    }
    let cache = context.request.compiler_cache;
    Ok(vec![grpc::dependency(context.manifests, pin, context.platform, cache)?])
}

/// `--set` keys written like a CMake variable.
pub(super) fn cmake_settings<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (&'a String, &'a String)> {
    context.request.settings.iter().filter(|(key, _)| {
        key.starts_with(|c: char| c.is_ascii_uppercase())
            && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}

/// From the build directory into the unit's output: binaries at the top, loadable libraries in `lib/`.
fn collect(context: &Context<'_>, recipe: &Cmake, flavor: Option<Flavor>) -> Result<Vec<Step>, PlanError> {
    let own = recipe.output.as_ref().map_or_else(|| format!("bin/{}", recipe.target), ToString::to_string);
    let (configuration, file) = match flavor {
        Some(Flavor::RpcServer) => (Some(Flavor::Grpc), format!("/bin/{RPC_TARGET}")),
        _ => (flavor, format!("/{own}")),
    };
    let name = named(flavor);
    let build = Arg::place(Place::Build(Context::label(named(configuration))?));
    let out = Arg::place(Place::Out);
    let step = |what: &str, action: Action| Context::step(&format!("{what}-{name}"), action);
    let binary = Action::Copy {
        from: build.clone().then(file),
        matching: Vec::new(),
        to: out.clone().then(format!("/{}", program(context, recipe, flavor))),
    };
    let mut steps = vec![step("collect", binary)?];
    if flavor == Some(Flavor::CpuAll) {
        let mut copy = |what: &str, matching: &[&str], to: &str| -> Result<(), PlanError> {
            let matching = matching.iter().map(|glob| (*glob).to_owned()).collect();
            let libraries =
                Action::Copy { from: build.clone().then("/bin"), matching, to: out.clone().then(to) };
            steps.push(step(what, libraries)?);
            Ok(())
        };
        if context.is_mac() {
            // ggml's loadable backends end in .so there as well; the libraries that programs link do not.
            copy("collect-libraries", &["*.dylib"], "/lib")?;
            copy("collect-plugins", &["*.so"], "/plugins")?;
        } else {
            copy("collect-libraries", &["*.so", "*.so.*"], "/lib")?;
        }
    }
    Ok(steps)
}

/// A flavor's binary in the package, named as the reference names it: `llama-cpp-fallback`.
fn program(context: &Context<'_>, recipe: &Cmake, flavor: Option<Flavor>) -> String {
    flavor.map_or_else(|| recipe.target.clone(), |flavor| format!("{}-{flavor}", context.backend.name))
}
