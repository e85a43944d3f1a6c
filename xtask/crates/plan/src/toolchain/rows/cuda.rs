//! NVIDIA: toolkit packages, and the maths libraries that Arm builds link beside them.

use crate::toolchain::action::Install;
use crate::toolchain::family::Family;
use crate::toolchain::request::Request;
use model::host::Distro;
use model::platform::Arch;
use model::source::Repository;
use model::variant::Cuda;
use std::borrow::Cow;

/// The repository: server-class Arm moved to `sbsa` with CUDA 13, Jetson's stays `arm64`.
pub(in crate::toolchain) fn repository(pinned: &Repository, request: &Request, cuda: Cuda) -> Install {
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
    let pinned = Repository { uri: format!("{}/{release}/{machine}/", pinned.uri), ..pinned.clone() };
    Install::AptRepository { pinned, suite: "/", component: None }
}

/// The toolkit.
pub(in crate::toolchain) fn toolkit(request: &Request, cuda: Cuda) -> Install {
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
    if request.arch != Arch::Arm64 || cuda.major != 13 {
        return packages(&[], &mut names, cuda);
    }
    names.extend(["cuda-cupti", "libcufile", "libnvjitlink"]);
    let cudnn = match request.family {
        Family::Golang => "libcudnn9-dev-cuda-13",
        Family::Cpp(_) | Family::Python | Family::Rust | Family::Runtime => "libcudnn9-cuda-13",
    };
    packages(&[cudnn], &mut names, cuda)
}

/// cuDSS and NVPL, from the same signed repository: the reference's two local-repository archives have no digest.
pub(in crate::toolchain) fn arm_maths(cuda: Cuda) -> Install {
    let of_version = format!("cudss-cuda-{}", cuda.major);
    Install::AptInstall { packages: vec!["cudss".into(), "nvpl".into(), of_version.into()] }
}

/// The libraries that packaged backends may load and need not carry; the driver comes from the host.
pub(in crate::toolchain) fn runtime(cuda: Cuda) -> Install {
    let mut names = [
        "cuda-cudart",
        "cuda-nvrtc",
        "libcublas",
        "libcufft",
        "libcurand",
        "libcusolver",
        "libcusparse",
        "libnvjitlink",
    ];
    packages(&[], &mut names, cuda)
}

/// Packages, and those that are named after the version.
fn packages(fixed: &[&'static str], names: &mut [&str], cuda: Cuda) -> Install {
    names.sort_unstable();
    let versioned = names.iter().map(|name| format!("{name}-{}-{}", cuda.major, cuda.minor).into());
    Install::AptInstall { packages: fixed.iter().copied().map(Cow::Borrowed).chain(versioned).collect() }
}
