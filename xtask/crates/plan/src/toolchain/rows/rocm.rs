//! AMD ROCm.

use crate::toolchain::action::Install;

/// What is compiled against, or what runs without that; and the compiler, or its runtime, where the image does not bring it.
/// Their packages leave the linker's cache alone.
pub(in crate::toolchain) fn libraries(runtime: bool, compiler: bool) -> Install {
    Install::packages_of(match (runtime, compiler) {
        (true, false) => &["hipblas", "hipblaslt", "rocblas"],
        (true, true) => &["hip-runtime-amd", "hipblas", "hipblaslt", "rocblas"],
        (false, false) => &["hipblas-dev", "hipblaslt-dev", "rocblas-dev"],
        (false, true) => {
            &["hip-dev", "hipblas-dev", "hipblaslt-dev", "rocblas-dev", "rocm-device-libs", "rocm-llvm"]
        }
    })
}
