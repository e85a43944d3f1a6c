//! Packages that a family needs whatever it is compiled for.

use crate::toolchain::family::Family;
use model::grpc::Grpc;
use model::grpc::GrpcPin;
use model::host::Distro;
use model::platform::Arch;

/// A group of packages and the builders that it belongs to.
pub(in crate::toolchain) struct Row {
    /// Debian's and Ubuntu's names of what is needed.
    pub packages: &'static [&'static str],
    /// Homebrew's; what comes with Apple's tools is not among them.
    pub formulas: &'static [&'static str],
    /// Whether a builder needs them.
    pub applies: fn(&Asked) -> bool,
}

/// What rows are chosen by.
pub(in crate::toolchain) struct Asked {
    /// What is built.
    pub family: Family,
    /// On which architecture.
    pub arch: Arch,
    /// Of a Linux.
    pub distro: Option<Distro>,
    /// A machine that somebody works at, and no image.
    pub host: bool,
    /// Whether a tool is installed as a wheel.
    pub has_tool: bool,
}

fn cpp(asked: &Asked) -> bool {
    matches!(asked.family, Family::Cpp(_))
}

/// Whether the distribution has GCC 14.
pub(in crate::toolchain) fn has_gcc14(distro: Distro) -> bool {
    matches!(distro, Distro::Debian13 | Distro::Ubuntu2404)
}

/// GCC 14 knows every instruction set of ggml's arm64 CPU backends; the releases before these do not have it.
fn arm_backends(asked: &Asked) -> bool {
    cpp(asked) && asked.arch == Arch::Arm64 && asked.distro.is_some_and(has_gcc14)
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
    Row { packages: &["ca-certificates"], formulas: &[], applies: |_| true },
    Row { packages: &["curl", "git"], formulas: &[], applies: |asked| asked.family != Family::Runtime },
    Row {
        packages: &["build-essential", "ccache", "cmake", "ninja-build", "pkg-config"],
        formulas: &["ccache", "cmake", "ninja", "pkgconf"],
        applies: cpp,
    },
    // What the builder images of the llama family hold beyond that.
    Row {
        packages: &["libcurl4-openssl-dev", "libssl-dev", "make", "unzip", "wget"],
        formulas: &[],
        applies: |asked| cpp(asked) && !asked.host,
    },
    Row {
        packages: SYSTEM_GRPC,
        formulas: &["grpc", "protobuf"],
        applies: |asked| asked.family == Family::Cpp(Grpc::System),
    },
    // What a gRPC of one's own takes from the system: the registry's packages do not carry their sources.
    Row {
        packages: &["libssl-dev", "zlib1g-dev"],
        formulas: &["openssl@3"],
        applies: |asked| asked.family == Family::Cpp(Grpc::Source(GrpcPin::Registry)),
    },
    Row { packages: &["gcc-14", "g++-14"], formulas: &[], applies: arm_backends },
    Row {
        packages: &["python3", "python3-venv"],
        formulas: &["uv"],
        applies: |asked| asked.family == Family::Python || asked.has_tool,
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
        formulas: &[],
        applies: |asked| asked.family == Family::Python && !asked.host,
    },
    // Where no such package exists, Debian 12 and 13, nothing is compressed.
    Row {
        packages: &["upx-ucl"],
        formulas: &[],
        applies: |asked| {
            let ubuntu = matches!(asked.distro, Some(Distro::Ubuntu2204 | Distro::Ubuntu2404));
            asked.family == Family::Python && !asked.host && ubuntu
        },
    },
    Row {
        packages: &["protobuf-compiler"],
        formulas: &["go"],
        applies: |asked| asked.family == Family::Golang,
    },
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
        formulas: &[],
        applies: |asked| asked.family == Family::Golang && !asked.host,
    },
    // The linker.
    Row { packages: &["build-essential"], formulas: &[], applies: |asked| asked.family == Family::Rust },
    // What the one Rust backend of the reference needs and links.
    Row {
        packages: &["clang", "libssl-dev", "pkg-config", "protobuf-compiler"],
        formulas: &[],
        applies: |asked| asked.family == Family::Rust && !asked.host,
    },
    Row {
        packages: &["espeak-ng", "libespeak-ng-dev", "libopus-dev", "libpcaudio-dev", "libsonic-dev"],
        formulas: &[],
        applies: |asked| asked.family == Family::Rust && !asked.host,
    },
];
