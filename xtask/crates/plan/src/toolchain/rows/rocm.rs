//! AMD ROCm.

use crate::toolchain::action::{Action, AptRepository};
use crate::toolchain::call::Call;
use model::host::Distro;
use model::source::Repository;

/// AMD's repository, for a machine that is not one of AMD's images; there is none for Debian or for Arm.
pub(in crate::toolchain) fn repository(pinned: &Repository, distro: Distro) -> Option<Action> {
    let suite = match distro {
        Distro::Ubuntu2204 => "jammy",
        Distro::Ubuntu2404 => "noble",
        Distro::Debian12 | Distro::Debian13 => return None,
    };
    Some(Action::AptRepository(AptRepository {
        pinned: pinned.clone(),
        uri: pinned.uri.clone(),
        suite: suite.to_owned(),
        component: Some("main"),
    }))
}

/// The libraries. Their packages leave the linker's cache alone, so it is refreshed here.
pub(in crate::toolchain) fn libraries(compiler: bool) -> Vec<Action> {
    let mut packages = vec!["hipblas-dev", "hipblaslt-dev", "rocblas-dev"];
    if compiler {
        packages.extend(["hip-dev", "rocm-device-libs", "rocm-llvm"]);
        packages.sort_unstable();
    }
    vec![Action::AptInstall { packages, versioned: Vec::new() }, Action::Run { call: Call::root("ldconfig") }]
}

/// What runs without the compiler.
pub(in crate::toolchain) fn runtime(hip: bool) -> Vec<Action> {
    let mut packages = vec!["hipblas", "hipblaslt", "rocblas"];
    if hip {
        packages.insert(0, "hip-runtime-amd");
    }
    vec![Action::AptInstall { packages, versioned: Vec::new() }, Action::Run { call: Call::root("ldconfig") }]
}
