//! The suffix that tells one published image from the next: `-gpu-nvidia-cuda-12-llama-cpp`.

use crate::backend::Backend;
use crate::build_type::BuildType;
use crate::name::BackendName;
use crate::platform::{Arch, Os, Platform};
use crate::variant::{Cuda, Variant};

/// The longest suffix: with a run's number before it, a keepalive tag has room for this.
const LONGEST: usize = 91;

/// The text is no suffix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a tag suffix: write `-` and up to 90 of a-z, 0-9, `-`, `_` and `.`, without `--`, ending in a letter \
     or digit, not `-core`, and not beginning with `-localai` or `-base-grpc`, which name other images"
)]
pub struct SuffixError(String);

checked_text!(
    /// The end of every tag of one backend image, as in `-cpu-llama-cpp`.
    ///
    /// Every variant of a backend has its own; its platforms share it, and become one multi-platform image. There is no
    /// `--` in it, which separates it from what follows in names of artifacts.
    TagSuffix,
    "tag-suffix",
    SuffixError,
    check
);

impl TagSuffix {
    /// The suffix of a unit.
    pub fn of(backend: &Backend, variant: &Variant, platform: Platform) -> Self {
        // A Mac's image has its own name whatever the variant's Linux images are called.
        if platform.os == Os::Linux
            && let Some(own) = backend.tag_suffixes.get(&variant.name)
        {
            return own.clone();
        }
        let build_type = variant.build_type_of(&backend.recipe);
        Self::by_rule(build_type, variant.cuda, platform, &backend.name)
    }

    /// The suffix of a unit of which nothing else is said.
    pub fn by_rule(
        build_type: BuildType,
        cuda: Option<Cuda>,
        platform: Platform,
        backend: &BackendName,
    ) -> Self {
        let cuda = cuda.map_or(12, |cuda| cuda.major);
        Self::of_family(&family(build_type, cuda, platform), backend)
    }

    fn of_family(family: &str, backend: &BackendName) -> Self {
        Self(format!("-{family}-{backend}").into())
    }
}

fn family(build_type: BuildType, cuda: u8, platform: Platform) -> String {
    if platform.os == Os::Darwin {
        let build_type = if build_type == BuildType::Mps { BuildType::Metal } else { build_type };
        return format!("{build_type}-darwin-{}", platform.arch);
    }
    match (build_type, platform.arch) {
        (BuildType::Cpu | BuildType::Metal | BuildType::Mps, _) => "cpu".to_owned(),
        (BuildType::Cublas | BuildType::L4t, Arch::Amd64) => format!("gpu-nvidia-cuda-{cuda}"),
        (BuildType::Cublas, Arch::Arm64) if cuda == 12 => "nvidia-l4t-arm64".to_owned(),
        (BuildType::L4t, Arch::Arm64) if cuda == 12 => "nvidia-l4t".to_owned(),
        (BuildType::Cublas | BuildType::L4t, Arch::Arm64) => format!("nvidia-l4t-cuda-{cuda}-arm64"),
        (BuildType::Hipblas, _) => "gpu-rocm-hipblas".to_owned(),
        (BuildType::Vulkan, _) => "gpu-vulkan".to_owned(),
        (BuildType::SyclF16, _) => "gpu-intel-sycl-f16".to_owned(),
        (BuildType::SyclF32, _) => "gpu-intel-sycl-f32".to_owned(),
        (BuildType::Intel, _) => "gpu-intel".to_owned(),
    }
}

fn check(text: String) -> Result<String, SuffixError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let taken = text == "-core" || text.starts_with("-localai") || text.starts_with("-base-grpc");
    let good = text.len() <= LONGEST
        && text.strip_prefix('-').is_some_and(|rest| rest.starts_with(plain))
        && text.ends_with(plain)
        && text.chars().all(|c| plain(c) || "-_.".contains(c))
        && !text.contains("--")
        && !taken;
    if good { Ok(text) } else { Err(SuffixError(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_every_family_is_a_suffix() {
        let backend: BackendName = "x".repeat(64).parse().unwrap();
        for build_type in BuildType::ALL {
            for platform in Platform::ALL {
                let suffix = TagSuffix::of_family(&family(build_type, u8::MAX, platform), &backend);
                assert_eq!(suffix.as_str().parse(), Ok(suffix.clone()), "{suffix}");
            }
        }
    }

    #[test]
    fn what_could_be_taken_for_another_name_is_refused() {
        for good in ["-piper", "-cpu-llama-cpp", "-x_1.2"] {
            assert_eq!(good.parse::<TagSuffix>().unwrap().as_str(), good);
        }
        for bad in
            ["", "-", "piper", "-a--b", "--a", "-a-", "-A", "-a/b", "-core", "-localai-x", "-base-grpc-x"]
        {
            assert!(bad.parse::<TagSuffix>().is_err(), "{bad}");
        }
    }
}
