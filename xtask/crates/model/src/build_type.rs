//! What a variant compiles its kernels for.

named_enum! {
    /// The reference's `BUILD_TYPE`: the acceleration that a unit is compiled for.
    BuildType, "a build type" {
        /// No accelerator; the reference writes it as the empty string.
        Cpu = "cpu",
        /// NVIDIA CUDA.
        Cublas = "cublas",
        /// NVIDIA Jetson (CUDA on arm64, JetPack or SBSA), for Python profiles.
        L4t = "l4t",
        /// AMD ROCm.
        Hipblas = "hipblas",
        /// Vulkan.
        Vulkan = "vulkan",
        /// Intel oneAPI SYCL with half-precision kernels.
        SyclF16 = "sycl_f16",
        /// Intel oneAPI SYCL with single-precision kernels.
        SyclF32 = "sycl_f32",
        /// Intel oneAPI for Python profiles.
        Intel = "intel",
        /// Apple Metal.
        Metal = "metal",
        /// Apple Metal for Python profiles.
        Mps = "mps",
    }
}

impl BuildType {
    /// The value of `BUILD_TYPE` that the reference uses; empty for the CPU.
    pub fn reference_name(self) -> &'static str {
        match self {
            Self::Cpu => "",
            other => other.as_str(),
        }
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
