//! Which CMake configurations a unit is made of.

use super::super::{Context, PlanError};
use crate::toolchain::has_gcc14;
use model::backend::Cmake;
use model::build_type::BuildType;
use model::flavor::Flavor;
use model::platform::Arch;

/// The flavors to build: as asked for, else the published or the laptop's set.
pub(super) fn flavors(context: &Context<'_>, recipe: &Cmake) -> Result<Vec<Flavor>, PlanError> {
    let mut flavors = if context.request.flavors.is_empty() {
        // An image is for others to run.
        let published = context.request.publish || context.in_container();
        let set = if published { &recipe.published_flavors } else { &recipe.default_flavors };
        let matrix = carries_cpu_matrix(context);
        let choose = |flavor: &Flavor| match flavor {
            // Macs differ in little else than their processor: what one builds, all can run.
            Flavor::Native if context.is_mac() => Flavor::CpuAll,
            Flavor::CpuAll if !matrix => Flavor::Fallback,
            flavor => *flavor,
        };
        set.iter().map(choose).collect()
    } else {
        context.request.flavors.clone()
    };
    flavors.sort_unstable();
    flavors.dedup();
    let x86 = context.platform.arch == Arch::Amd64;
    let foreign = context.platform != context.host.platform;
    let one = recipe.default_flavors.is_empty();
    for flavor in &flavors {
        let why = match flavor {
            _ if one => "it is configured once, without flavors",
            Flavor::Avx | Flavor::Avx2 | Flavor::Avx512 if !x86 => "it is an x86 instruction set",
            Flavor::Native if foreign => "`native` means this machine's processor",
            Flavor::Native if context.in_container() => {
                "`native` means this machine's processor, and a container may run on another"
            }
            _ => continue,
        };
        return Err(PlanError::Flavor {
            backend: context.backend.name.clone(),
            flavor: *flavor,
            platform: context.platform,
            variant: context.variant.name.clone(),
            why,
        });
    }
    Ok(flavors)
}

/// Whether the package chooses among CPU backends at run time, or carries the one that runs anywhere.
fn carries_cpu_matrix(context: &Context<'_>) -> bool {
    let build_type = context.variant.build_type;
    if !context.in_container() {
        // A host's GPU build is made for its GPU.
        return matches!(build_type, BuildType::Cpu | BuildType::Metal);
    }
    // The reference's table (inventory A7).
    match (build_type, context.platform.arch) {
        // Older compilers refuse the newest instruction sets.
        (BuildType::Cpu, Arch::Arm64) => context.distro().is_some_and(has_gcc14),
        // icpx never finishes some of the matrix, and hipcc would compile it for hours.
        (BuildType::SyclF16 | BuildType::SyclF32 | BuildType::Hipblas, _) | (_, Arch::Arm64) => false,
        (_, Arch::Amd64) => true,
    }
}
