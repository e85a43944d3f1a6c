//! LocalAI's words: what machines can do, and what images for them are called.

use model::build_type::BuildType;
use model::platform::{Arch, Os, Platform};

/// What tells a variant's entries from others, before the backend's name. LocalAI finds words such as `cuda` in it.
pub(super) fn family(build_type: BuildType, cuda: u8, platform: Platform) -> String {
    match (platform.os, platform.arch, build_type) {
        (Os::Darwin, Arch::Arm64, _) => "metal".to_owned(),
        (Os::Darwin, Arch::Amd64, _) => "darwin-x86".to_owned(),
        (_, _, BuildType::Cpu | BuildType::Metal | BuildType::Mps) => "cpu".to_owned(),
        (_, Arch::Amd64, BuildType::Cublas | BuildType::L4t) => format!("cuda{cuda}"),
        (_, Arch::Arm64, BuildType::Cublas | BuildType::L4t) if cuda == 12 => "nvidia-l4t-arm64".to_owned(),
        (_, Arch::Arm64, BuildType::Cublas | BuildType::L4t) => format!("cuda{cuda}-nvidia-l4t-arm64"),
        (_, _, BuildType::Hipblas) => "rocm".to_owned(),
        (_, _, BuildType::Vulkan) => "vulkan".to_owned(),
        (_, _, BuildType::SyclF16) => "intel-sycl-f16".to_owned(),
        (_, _, BuildType::SyclF32) => "intel-sycl-f32".to_owned(),
        (_, _, BuildType::Intel) => "intel".to_owned(),
    }
}

/// The capabilities that an image is for; of two images for one, that with the lower number is taken.
pub(super) fn capabilities(build_type: BuildType, cuda: u8, platform: Platform) -> Vec<(String, u8)> {
    let nvidia = |word: &str| vec![(word.to_owned(), cuda), (format!("{word}-cuda-{cuda}"), 0)];
    let one = |word: &str, rank| vec![(word.to_owned(), rank)];
    match (platform.os, platform.arch, build_type) {
        (Os::Darwin, Arch::Arm64, _) => one("metal", 0),
        (Os::Darwin, Arch::Amd64, _) => one("darwin-x86", 0),
        (_, _, BuildType::Cpu | BuildType::Metal | BuildType::Mps) => one("default", 0),
        (_, Arch::Amd64, BuildType::Cublas | BuildType::L4t) => nvidia("nvidia"),
        (_, Arch::Arm64, BuildType::Cublas | BuildType::L4t) => nvidia("nvidia-l4t"),
        (_, _, BuildType::Hipblas) => one("amd", 0),
        (_, _, BuildType::Vulkan) => one("vulkan", 0),
        (_, _, BuildType::SyclF16) => one("intel", 0),
        (_, _, BuildType::Intel) => one("intel", 1),
        (_, _, BuildType::SyclF32) => one("intel", 2),
    }
}
