//! Intel: GPU runtime for every SYCL builder, compiler for a machine that is not one of Intel's images.

/// The runtime.
pub(in crate::toolchain) const GPU_RUNTIME: &[&str] = &["intel-opencl-icd", "libze-intel-gpu1"];

/// The compiler and the maths libraries that ggml links.
pub(in crate::toolchain) const COMPILER: &[&str] =
    &["intel-oneapi-compiler-dpcpp-cpp", "intel-oneapi-dnnl-devel", "intel-oneapi-mkl-devel"];

/// Their own runtime, for an image that is not one of Intel's.
pub(in crate::toolchain) const RUNTIME: &[&str] = &["intel-oneapi-runtime-libs"];
