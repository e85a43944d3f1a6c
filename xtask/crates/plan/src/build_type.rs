//! What a variant compiles its kernels for.

use std::fmt;

/// The reference's `BUILD_TYPE`: the acceleration that a unit is compiled for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BuildType {
    /// No accelerator; the reference writes it as the empty string.
    Cpu,
    /// NVIDIA CUDA.
    Cublas,
    /// NVIDIA Jetson (CUDA on arm64, JetPack or SBSA), for Python profiles.
    L4t,
    /// AMD ROCm.
    Hipblas,
    /// Vulkan.
    Vulkan,
    /// Intel oneAPI SYCL with half-precision kernels.
    SyclF16,
    /// Intel oneAPI SYCL with single-precision kernels.
    SyclF32,
    /// Intel oneAPI for Python profiles.
    Intel,
    /// Apple Metal.
    Metal,
    /// Apple Metal for Python profiles.
    Mps,
}

impl BuildType {
    /// Every build type.
    pub const ALL: [Self; 10] = [
        Self::Cpu,
        Self::Cublas,
        Self::L4t,
        Self::Hipblas,
        Self::Vulkan,
        Self::SyclF16,
        Self::SyclF32,
        Self::Intel,
        Self::Metal,
        Self::Mps,
    ];

    /// The value of `BUILD_TYPE` that the reference uses; empty for the CPU.
    pub fn reference_name(self) -> &'static str {
        match self {
            Self::Cpu => "",
            other => other.as_str(),
        }
    }

    /// The name in manifests and in cache tags.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cublas => "cublas",
            Self::L4t => "l4t",
            Self::Hipblas => "hipblas",
            Self::Vulkan => "vulkan",
            Self::SyclF16 => "sycl_f16",
            Self::SyclF32 => "sycl_f32",
            Self::Intel => "intel",
            Self::Metal => "metal",
            Self::Mps => "mps",
        }
    }
}

impl fmt::Display for BuildType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_and_display_agree() {
        for build_type in BuildType::ALL {
            assert_eq!(serde_json::to_value(build_type).unwrap(), build_type.as_str());
        }
    }
}
