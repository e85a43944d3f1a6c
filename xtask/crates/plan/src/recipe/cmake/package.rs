//! What a C++ backend's package holds, and what reaches it from outside the repository.

use super::super::{Context, PlanError, grpc, sealed};
use super::{grpc_of_image, newer_vulkan_headers, program};
use crate::plan::{Dependency, Fact, TOOLCHAIN};
use crate::toolchain::system_grpc_packages;
use camino::Utf8Path;
use model::arg::{Arg, Place};
use model::backend::Cmake;
use model::build_type::BuildType;
use model::flavor::Flavor;
use model::grpc::Grpc;
use model::macos::target_of;
use model::package::{Package, Program};

/// Free drivers, for processors among them; others belong to one kernel's module.
pub(in crate::recipe) const VULKAN_DRIVERS: &str = "mesa-vulkan-drivers";

pub(super) fn package(
    context: &Context<'_>,
    recipe: &Cmake,
    flavors: &[Flavor],
    deps: &[Dependency],
) -> Result<Package, PlanError> {
    // The order of the launcher's choice: what this machine was built for, then what adapts itself, then the rest.
    let order = [
        Flavor::Grpc,
        Flavor::Native,
        Flavor::CpuAll,
        Flavor::Avx512,
        Flavor::Avx2,
        Flavor::Avx,
        Flavor::Fallback,
    ];
    let mut programs: Vec<Program> = order
        .into_iter()
        .filter(|flavor| flavors.contains(flavor))
        .map(|flavor| Program {
            path: program(context, recipe, Some(flavor)),
            args: Vec::new(),
            // The RPC build serves only who names workers, unless it is all there is.
            when_env: (flavor == Flavor::Grpc
                && flavors.iter().any(|f| !matches!(f, Flavor::Grpc | Flavor::RpcServer)))
            .then(|| "LLAMACPP_GRPC_SERVERS".to_owned()),
        })
        .collect();
    if flavors.is_empty() {
        programs.push(Program::plain(program(context, recipe, None)));
    }
    let mut helpers = Vec::new();
    if flavors.contains(&Flavor::RpcServer) {
        helpers.push(program(context, recipe, Some(Flavor::RpcServer)));
    }
    let mut library_dirs = Vec::new();
    if flavors.contains(&Flavor::CpuAll) {
        library_dirs.push(Arg::place(Place::Build(Context::label(Flavor::CpuAll.as_str())?)).then("/bin"));
    }
    // A Vulkan binary is linked with the loader, so the closure brings `libvulkan.so.1`: the package starts, and falls
    // back to the processor, where no Vulkan is installed. The host's drivers come first, by its own manifests; those of
    // the package are for who names them, as LocalAI does, whose images have none.
    let vulkan = context.variant.build_type == BuildType::Vulkan;
    let mut env = context.backend.package.env.clone();
    let plugins = context.is_mac() && flavors.contains(&Flavor::CpuAll);
    let loadable = if context.is_mac() { "{package}" } else { "{package}/lib" };
    env.entry("BACKEND_LIB_DIR".to_owned()).or_insert_with(|| loadable.to_owned());
    // What OpenMP's threads do, and which file they are in, is of no use where there are none.
    let extra = &context.backend.package.extra_libraries;
    let extra_libraries =
        extra.iter().filter(|name| !context.is_mac() || Utf8Path::new(name).extension() == Some("dylib"));
    let mut licenses = Vec::new();
    for pin in context.pins.values() {
        for file in &pin.license_files {
            licenses.push((
                pin.name.to_string(),
                Arg::place(Place::Source(pin.name.clone())).then(format!("/{file}")),
            ));
        }
    }
    licenses.extend(deps.iter().flat_map(grpc::linked_licenses));
    if let Some(pin) = grpc_of_image(context) {
        licenses.extend(grpc::licenses_in_image(context.manifests.pinned(), pin)?);
    }
    debug_assert!(
        recipe.source.iter().all(|source| context.pins.contains_key(&source.pin)),
        "the manifest loader checks that the source is listed"
    );
    Ok(Package {
        calls: context.calls(),
        programs,
        helpers,
        libraries: flavors.contains(&Flavor::CpuAll).then(|| Arg::place(Place::Out).then("/lib")),
        data: Vec::new(),
        library_dirs,
        own_libraries: vec!["libggml*".to_owned(), "libllama*".to_owned()],
        vulkan_drivers: vulkan.then(|| VULKAN_DRIVERS.to_owned()),
        extra_libraries: extra_libraries.cloned().collect(),
        env,
        env_if_exists: context.backend.package.env_if_exists.clone(),
        told: Vec::new(),
        licenses,
        license_tree: None,
        links: sealed::links(context)?,
        plugins: plugins.then(|| Arg::place(Place::Out).then("/plugins")),
        min_macos: target_of(context.platform, &context.manifests.macos),
        host_shell: false,
    })
}

/// What Homebrew calls what is linked.
const GRPC_FORMULAS: &[&str] = &["grpc", "protobuf"];

/// What reaches the binary from outside the repository and the pins.
pub(super) fn facts(context: &Context<'_>) -> Vec<Fact> {
    let tools = context.compilers().iter().chain(&["cmake"]);
    let mut facts: Vec<Fact> = tools.map(|tool| Fact::Tool((*tool).to_owned())).collect();
    if context.is_mac() {
        let formulas = if context.grpc == Grpc::System { GRPC_FORMULAS } else { &[] };
        facts.extend(formulas.iter().map(|name| Fact::Formula((*name).to_owned())));
        return facts;
    }
    if context.grpc == Grpc::System {
        facts.push(Fact::Tool("protoc".to_owned()));
    }
    facts.extend(context.packages(TOOLCHAIN));
    if context.grpc == Grpc::System {
        facts.extend(context.packages(system_grpc_packages().iter().copied()));
    }
    facts.extend(vulkan_facts(context));
    facts
}

/// What Vulkan brings on Linux.
pub(in crate::recipe) fn vulkan_facts(context: &Context<'_>) -> Vec<Fact> {
    if context.variant.build_type != BuildType::Vulkan {
        return Vec::new();
    }
    let mut facts = vec![Fact::Tool("glslc".to_owned())];
    // The loader goes into the package, the headers into the binary.
    facts.extend(context.packages(["libvulkan1", "libvulkan-dev", "spirv-headers", VULKAN_DRIVERS]));
    if let Some(prefix) = newer_vulkan_headers(context) {
        let header = |name: &str, file: &str| Fact::File { name: name.into(), path: prefix.join(file) };
        facts.push(header("vulkan_core.h", "usr/include/vulkan/vulkan_core.h"));
        facts.push(header("spirv.h", "usr/include/spirv/unified1/spirv.h"));
    }
    facts
}
