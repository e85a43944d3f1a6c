//! What is needed, told to people and to recipes.

use super::family::Family;
use super::rows;
use camino::Utf8Path;
use model::base::Toolkit;
use model::grpc::Grpc;
use model::host::Distro;

/// What a machine that no table knows must hold, in words that fit any package manager.
pub fn tools_needed(family: Family, toolkit: Toolkit) -> Vec<&'static str> {
    let mut needed = match family {
        Family::Cpp(Grpc::System) => vec![
            "a C++17 compiler",
            "cmake >= 3.21",
            "ninja (>= 1.13 shares its jobs)",
            "ccache",
            "pkg-config",
            "git",
            "gRPC for C++ with its headers and grpc_cpp_plugin",
            "protobuf with protoc",
        ],
        Family::Cpp(Grpc::Source(_)) => {
            vec![
                "a C++17 compiler",
                "cmake >= 3.21",
                "ninja",
                "ccache",
                "pkg-config",
                "git",
                "OpenSSL and zlib headers",
            ]
        }
        Family::Python => vec!["python3 with venv", "uv"],
        Family::Golang => vec!["Go, as new as the backend's go.mod asks for"],
        Family::Rust => vec!["Rust with cargo", "a C compiler to link with"],
        Family::Runtime => Vec::new(),
    };
    match toolkit {
        Toolkit::Vulkan => {
            needed.push("Vulkan headers >= 1.4, SPIR-V headers, the Vulkan loader and glslc");
        }
        Toolkit::Cublas | Toolkit::L4t => needed.push("the CUDA toolkit"),
        Toolkit::Hipblas => needed.push("ROCm with hipBLAS and rocBLAS"),
        Toolkit::Sycl => {
            needed.push("Intel oneAPI (icx, icpx, MKL)");
        }
        Toolkit::Cpu => {}
    }
    needed
}

/// The distribution's packages that gRPC consists of.
pub fn system_grpc_packages() -> &'static [&'static str] {
    rows::base::SYSTEM_GRPC
}

/// Whether images of the distribution hold GCC 14, which compiles every CPU backend of arm64.
pub fn has_gcc14(distro: Distro) -> bool {
    rows::base::has_gcc14(distro)
}

/// The prefix that a Vulkan build must look into before the system's own headers, if there is one.
pub fn vulkan_headers(distro: Distro) -> Option<&'static Utf8Path> {
    (distro == Distro::Debian12).then(|| Utf8Path::new(rows::vulkan::HEADERS))
}
