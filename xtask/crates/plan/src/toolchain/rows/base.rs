//! Packages that a family needs whatever it is compiled for.

use crate::toolchain::family::Family;
use crate::toolchain::request::{Request, Start};
use crate::toolchain::tool::Tool;
use model::grpc::Grpc;
use model::grpc::GrpcPin;
use model::host::Distro;
use model::platform::Arch;

/// A group of packages and the requests that it belongs to.
pub(in crate::toolchain) struct Row {
    /// Packages of the group.
    pub packages: &'static [&'static str],
    /// Whether `request` needs them.
    pub applies: fn(&Request) -> bool,
}

fn cpp(request: &Request) -> bool {
    matches!(request.family, Family::Cpp(_))
}

fn host(request: &Request) -> bool {
    request.start == Start::Host
}

/// Whether the distribution has GCC 14.
pub(in crate::toolchain) fn has_gcc14(distro: Distro) -> bool {
    matches!(distro, Distro::Debian13 | Distro::Ubuntu2404)
}

/// GCC 14 knows every instruction set of ggml's arm64 CPU backends; the releases before these do not have it.
fn arm_backends(request: &Request) -> bool {
    cpp(request) && request.arch == Arch::Arm64 && has_gcc14(request.distro)
}

/// The distribution's gRPC and protobuf, with what they are linked with.
pub(in crate::toolchain) const SYSTEM_GRPC: &[&str] = &[
    "libabsl-dev",
    "libc-ares-dev",
    "libgrpc++-dev",
    "libgrpc-dev",
    "libprotobuf-dev",
    "libre2-dev",
    "libssl-dev",
    "protobuf-compiler",
    "protobuf-compiler-grpc",
    "zlib1g-dev",
];

/// The first step: everything that needs no repository beside the distribution's own.
pub(in crate::toolchain) const ROWS: &[Row] = &[
    Row { packages: &["ca-certificates"], applies: |_| true },
    Row { packages: &["curl", "git"], applies: |request| request.family != Family::Runtime },
    Row { packages: &["build-essential", "ccache", "cmake", "ninja-build", "pkg-config"], applies: cpp },
    // What the builder images of the llama family hold beyond that.
    Row {
        packages: &["libcurl4-openssl-dev", "libssl-dev", "make", "unzip", "wget"],
        applies: |request| cpp(request) && !host(request),
    },
    Row { packages: SYSTEM_GRPC, applies: |request| request.family == Family::Cpp(Grpc::System) },
    // What a gRPC of one's own takes from the system: the registry's packages do not carry their sources.
    Row {
        packages: &["libssl-dev", "zlib1g-dev"],
        applies: |request| request.family == Family::Cpp(Grpc::Source(GrpcPin::Registry)),
    },
    Row { packages: &["gcc-14", "g++-14"], applies: arm_backends },
    Row {
        packages: &["python3", "python3-venv"],
        applies: |request| {
            let has_tool = request.tools.is_some() && Tool::of(request.family).is_some();
            request.family == Family::Python || has_tool
        },
    },
    // What the Python family's Dockerfile starts with.
    Row {
        packages: &[
            "build-essential",
            "ccache",
            "clang",
            "cmake",
            "espeak-ng",
            "git-lfs",
            "libgomp1",
            "libnuma1",
            "libssl-dev",
            "llvm",
            "make",
            "python-is-python3",
            "python3-dev",
            "python3-pip",
            "unzip",
            "wget",
        ],
        applies: |request| request.family == Family::Python && !host(request),
    },
    // Where no such package exists, Debian 12 and 13, nothing is compressed.
    Row {
        packages: &["upx-ucl"],
        applies: |request| {
            let ubuntu = matches!(request.distro, Distro::Ubuntu2204 | Distro::Ubuntu2404);
            request.family == Family::Python && !host(request) && ubuntu
        },
    },
    Row { packages: &["protobuf-compiler"], applies: |request| request.family == Family::Golang },
    // What the Go family's Dockerfile starts with.
    Row {
        packages: &[
            "build-essential",
            "ccache",
            "cmake",
            "libopenblas-dev",
            "libssl-dev",
            "make",
            "unzip",
            "wget",
        ],
        applies: |request| request.family == Family::Golang && !host(request),
    },
    // The linker.
    Row { packages: &["build-essential"], applies: |request| request.family == Family::Rust },
    // What the one Rust backend of the reference needs and links.
    Row {
        packages: &["clang", "libssl-dev", "pkg-config", "protobuf-compiler"],
        applies: |request| request.family == Family::Rust && !host(request),
    },
    Row {
        packages: &["espeak-ng", "libespeak-ng-dev", "libopus-dev", "libpcaudio-dev", "libsonic-dev"],
        applies: |request| request.family == Family::Rust && !host(request),
    },
];
