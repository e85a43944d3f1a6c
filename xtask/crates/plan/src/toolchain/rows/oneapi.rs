//! Intel: GPU runtime for every SYCL builder, compiler for a machine that is not one of Intel's images.

use crate::toolchain::action::{Action, AptRepository};
use model::host::Distro;
use model::source::Repository;

/// The runtime's repository; Intel publishes it for Ubuntu alone.
pub(in crate::toolchain) fn gpu_repository(pinned: &Repository, distro: Distro) -> Option<Action> {
    let suite = match distro {
        Distro::Ubuntu2204 => "jammy",
        Distro::Ubuntu2404 => "noble",
        Distro::Debian12 | Distro::Debian13 => return None,
    };
    Some(Action::AptRepository(AptRepository {
        pinned: pinned.clone(),
        uri: pinned.uri.clone(),
        suite: suite.to_owned(),
        component: Some("unified"),
    }))
}

/// The runtime.
pub(in crate::toolchain) fn gpu_runtime() -> Action {
    Action::AptInstall { packages: vec!["intel-opencl-icd", "libze-intel-gpu1"], versioned: Vec::new() }
}

/// The compiler's repository, the same for every distribution.
pub(in crate::toolchain) fn compiler_repository(pinned: &Repository) -> Action {
    Action::AptRepository(AptRepository {
        pinned: pinned.clone(),
        uri: pinned.uri.clone(),
        suite: "all".to_owned(),
        component: Some("main"),
    })
}

/// The compiler and the maths libraries that ggml links.
pub(in crate::toolchain) fn compiler() -> Action {
    Action::AptInstall {
        packages: vec![
            "intel-oneapi-compiler-dpcpp-cpp",
            "intel-oneapi-dnnl-devel",
            "intel-oneapi-mkl-devel",
        ],
        versioned: Vec::new(),
    }
}

/// The compiler's and the maths libraries' own runtime, for an image that is not one of Intel's.
pub(in crate::toolchain) fn runtime() -> Action {
    Action::AptInstall { packages: vec!["intel-oneapi-runtime-libs"], versioned: Vec::new() }
}
