//! NVIDIA: toolkit packages, and the maths libraries that Arm builds link beside them.

use crate::toolchain::action::{Action, AptRepository};
use crate::toolchain::request::{Family, Request};
use model::host::Distro;
use model::platform::Arch;
use model::source::Repository;
use model::variant::Cuda;

/// The repository: server-class Arm moved to `sbsa` with CUDA 13, Jetson's stays `arm64`.
pub(in crate::toolchain) fn repository(pinned: &Repository, request: &Request, cuda: Cuda) -> Action {
    let release = match request.distro {
        Distro::Debian12 => "debian12",
        Distro::Debian13 => "debian13",
        Distro::Ubuntu2204 => "ubuntu2204",
        Distro::Ubuntu2404 => "ubuntu2404",
    };
    let machine = match (request.arch, cuda.major) {
        (Arch::Amd64, _) => "x86_64",
        (Arch::Arm64, 13..) => "sbsa",
        (Arch::Arm64, _) => "arm64",
    };
    Action::AptRepository(AptRepository {
        pinned: pinned.clone(),
        uri: format!("{}/{release}/{machine}/", pinned.uri),
        suite: "/".to_owned(),
        component: None,
    })
}

/// The toolkit.
pub(in crate::toolchain) fn toolkit(request: &Request, cuda: Cuda) -> Action {
    let mut packages: Vec<&'static str> = Vec::new();
    let mut names = vec![
        "cuda-nvcc",
        "libcublas-dev",
        "libcufft-dev",
        "libcurand-dev",
        "libcusolver-dev",
        "libcusparse-dev",
    ];
    if request.family == Family::Python {
        names.push("cuda-nvrtc-dev");
    }
    if request.arch == Arch::Arm64 && cuda.major == 13 {
        names.extend(["cuda-cupti", "libcufile", "libnvjitlink"]);
        packages.push(match request.family {
            Family::Golang => "libcudnn9-dev-cuda-13",
            Family::Cpp(_) | Family::Python | Family::Rust | Family::Runtime => "libcudnn9-cuda-13",
        });
    }
    names.sort_unstable();
    let versioned = names.into_iter().map(|name| format!("{name}-{}-{}", cuda.major, cuda.minor)).collect();
    Action::AptInstall { packages, versioned }
}

/// cuDSS and NVPL, from the same signed repository: the reference's two local-repository archives have no digest.
pub(in crate::toolchain) fn arm_maths(cuda: Cuda) -> Action {
    Action::AptInstall {
        packages: vec!["cudss", "nvpl"],
        versioned: vec![format!("cudss-cuda-{}", cuda.major)],
    }
}

/// The libraries that packaged backends may load and need not carry; the driver comes from the host.
pub(in crate::toolchain) fn runtime(cuda: Cuda) -> Action {
    let names = [
        "cuda-cudart",
        "cuda-nvrtc",
        "libcublas",
        "libcufft",
        "libcurand",
        "libcusolver",
        "libcusparse",
        "libnvjitlink",
    ];
    let versioned = names.map(|name| format!("{name}-{}-{}", cuda.major, cuda.minor)).into();
    Action::AptInstall { packages: Vec::new(), versioned }
}
