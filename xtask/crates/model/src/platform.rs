//! Operating system and architecture of a unit, in the field's usual `os/arch` form.

use crate::text::choice::{UnknownName, find};
use std::fmt;
use std::str::FromStr;

named_enum! {
    /// Operating system that a unit is built for, under its Go and OCI name.
    Os, "an operating system" {
        /// Linux with glibc.
        Linux = "linux",
        /// macOS.
        Darwin = "darwin",
    }
}

named_enum! {
    /// Processor architecture, under its Go and OCI name.
    Arch, "an architecture" {
        /// x86-64.
        Amd64 = "amd64",
        /// AArch64.
        Arm64 = "arm64",
    }
}

impl Arch {
    /// The name that `uname -m` prints on Linux.
    pub fn machine(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64",
            Self::Arm64 => "aarch64",
        }
    }
}

/// `linux/amd64`, `linux/arm64`, `darwin/arm64` or `darwin/amd64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, schemars::JsonSchema)]
#[schemars(with = "String", extend("enum" = Platform::ALL.map(Platform::as_str)))]
pub struct Platform {
    /// Operating system.
    pub os: Os,
    /// Architecture.
    pub arch: Arch,
}

written_as_text!(Platform);

impl Platform {
    /// Every platform that a unit may name.
    pub const ALL: [Self; 4] = [
        Self { os: Os::Linux, arch: Arch::Amd64 },
        Self { os: Os::Linux, arch: Arch::Arm64 },
        Self { os: Os::Darwin, arch: Arch::Arm64 },
        Self { os: Os::Darwin, arch: Arch::Amd64 },
    ];

    /// The platform as `os/arch`.
    pub fn as_str(self) -> &'static str {
        match (self.os, self.arch) {
            (Os::Linux, Arch::Amd64) => "linux/amd64",
            (Os::Linux, Arch::Arm64) => "linux/arm64",
            (Os::Darwin, Arch::Arm64) => "darwin/arm64",
            (Os::Darwin, Arch::Amd64) => "darwin/amd64",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Platform {
    type Err = UnknownName;
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        find(text, "a platform", Self::ALL, Self::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_suggests() {
        for platform in Platform::ALL {
            assert_eq!(platform.to_string().parse(), Ok(platform));
        }
        let error = "linux/amd46".parse::<Platform>().unwrap_err().to_string();
        assert!(error.contains("did you mean `linux/amd64`"), "{error}");
    }
}
