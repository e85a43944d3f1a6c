//! What builders and root images are made of, and which of them are made ahead.

use crate::build_type::BuildType;
use crate::grpc::Grpc;
use crate::host::Distro;
use crate::image_names::CacheTag;
use crate::name::BaseName;
use crate::oci::Tag;
use crate::platform::Platform;
use crate::script::Language;
use crate::variant::Cuda;

named_enum! {
    /// What `install-base-deps` installs for an accelerator. Coarser than [`BuildType`]: both SYCL types share one.
    Toolkit, "a toolkit" {
        /// No accelerator.
        Cpu = "cpu",
        /// NVIDIA CUDA; on arm64 with cuDSS and NVPL.
        Cublas = "cublas",
        /// NVIDIA CUDA on Jetson, without cuDSS and NVPL.
        L4t = "l4t",
        /// AMD ROCm.
        Hipblas = "hipblas",
        /// The Vulkan SDK.
        Vulkan = "vulkan",
        /// Intel oneAPI.
        Sycl = "sycl",
    }
}

impl Toolkit {
    /// The toolkit that a build type needs when no base says otherwise.
    pub fn of(build_type: BuildType) -> Self {
        match build_type {
            BuildType::Cpu | BuildType::Metal | BuildType::Mps => Self::Cpu,
            BuildType::Cublas => Self::Cublas,
            BuildType::L4t => Self::L4t,
            BuildType::Hipblas => Self::Hipblas,
            BuildType::Vulkan => Self::Vulkan,
            BuildType::SyclF16 | BuildType::SyclF32 | BuildType::Intel => Self::Sycl,
        }
    }

    /// Whether it is one of NVIDIA's, which have a version of CUDA.
    pub fn is_nvidia(self) -> bool {
        matches!(self, Self::Cublas | Self::L4t)
    }

    /// The value of `BUILD_TYPE` that the reference builds the base with; empty for the CPU.
    pub fn reference_name(self) -> &'static str {
        match self {
            Self::Cpu => "",
            other => other.as_str(),
        }
    }
}

/// What an image is made of: the image below it, and what is installed on top.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Base {
    /// The image that it starts from.
    pub image: String,
    /// The distribution inside.
    pub distro: Distro,
    /// What is installed on top.
    pub toolkit: Toolkit,
    /// CUDA toolkit, for NVIDIA.
    pub cuda: Option<Cuda>,
    /// The image already carries the drivers and toolkits.
    pub skip_drivers: bool,
    /// The gRPC that C++ is linked with there; the distribution's unless something else is said.
    pub grpc: Grpc,
}

/// A base that is made ahead: a row of `bases` in `backend/variants.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PrebuiltBase {
    /// Its name; the tag is `base-grpc-<name>`.
    pub name: BaseName,
    /// What it is built for.
    pub platform: Platform,
    /// The CI runner that builds it.
    pub runner: String,
    /// What it is made of.
    #[serde(flatten)]
    pub base: Base,
}

impl PrebuiltBase {
    /// The tag for people, in the cache registry.
    pub fn tag(&self) -> Tag {
        CacheTag::Base(self.name.clone()).tag()
    }
}

/// Which units start from a base: a row of `consumers` in `backend/variants.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
pub struct Consumer {
    /// Build types that it serves; never empty.
    pub build_types: Vec<BuildType>,
    /// CUDA major version.
    pub cuda: Option<u8>,
    /// Platform.
    pub platform: Platform,
    /// Languages of the backends that it serves; all of them where none is named and no other row names theirs.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// A key of `bases`.
    pub base: BaseName,
}

impl Consumer {
    /// Whether a unit of this kind starts from the base.
    pub fn serves(&self, build_type: BuildType, cuda: Option<Cuda>, platform: Platform) -> bool {
        self.build_types.contains(&build_type)
            && self.cuda == cuda.map(|cuda| cuda.major)
            && self.platform == platform
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_and_display_agree() {
        for toolkit in Toolkit::ALL {
            assert_eq!(serde_json::to_value(toolkit).unwrap(), toolkit.as_str());
        }
    }
}
