//! Intel: GPU runtime for every SYCL builder, compiler for a machine that is not one of Intel's images.

use crate::toolchain::action::{Action, AptRepository};
use model::host::Distro;

/// The runtime's repository; Intel publishes it for Ubuntu alone.
pub(in crate::toolchain) fn gpu_repository(distro: Distro) -> Option<Action> {
    let suite = match distro {
        Distro::Ubuntu2204 => "jammy",
        Distro::Ubuntu2404 => "noble",
        Distro::Debian12 | Distro::Debian13 => return None,
    };
    Some(Action::AptRepository(AptRepository {
        name: "intel-gpu",
        key_url: "https://repositories.intel.com/gpu/intel-graphics.key".to_owned(),
        fingerprint: "4E9EFCDEF82800256C1E7C64B02DB9BD8C321DCB",
        uri: "https://repositories.intel.com/gpu/ubuntu".to_owned(),
        suite: suite.to_owned(),
        component: Some("unified"),
    }))
}

/// The runtime.
pub(in crate::toolchain) fn gpu_runtime() -> Action {
    Action::AptInstall { packages: vec!["intel-opencl-icd", "libze-intel-gpu1"], versioned: Vec::new() }
}

/// The compiler's repository, the same for every distribution.
pub(in crate::toolchain) fn compiler_repository() -> Action {
    Action::AptRepository(AptRepository {
        name: "intel-oneapi",
        key_url: "https://apt.repos.intel.com/intel-gpg-keys/GPG-PUB-KEY-INTEL-SW-PRODUCTS.PUB".to_owned(),
        fingerprint: "E9BF0AFC46D6E8B7DA5882F1BAC6F0C353D04109",
        uri: "https://apt.repos.intel.com/oneapi".to_owned(),
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
