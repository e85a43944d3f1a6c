//! What a package runs on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::image::Machine;

/// An operating system and a processor, written as `linux/amd64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Platform {
    /// The operating system.
    pub os: Os,
    /// The processor.
    pub arch: Arch,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Os {
    /// Linux with glibc, or without any C library.
    Linux,
    /// macOS.
    Darwin,
}

/// A processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arch {
    /// x86-64.
    Amd64,
    /// 64-bit ARM.
    Arm64,
}

impl Platform {
    /// What the object files of this platform are made for.
    pub fn machine(self) -> Machine {
        match self.arch {
            Arch::Amd64 => Machine::X86_64,
            Arch::Arm64 => Machine::Aarch64,
        }
    }
}

impl Os {
    /// The name that OCI images use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Darwin => "darwin",
        }
    }
}

impl Arch {
    /// The name that OCI images use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os.name(), self.arch.name())
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (os, arch) = match text {
            "linux/amd64" => (Os::Linux, Arch::Amd64),
            "linux/arm64" => (Os::Linux, Arch::Arm64),
            "darwin/amd64" => (Os::Darwin, Arch::Amd64),
            "darwin/arm64" => (Os::Darwin, Arch::Arm64),
            _ => {
                return Err(format!(
                    "`{text}` is not one of linux/amd64, linux/arm64, darwin/amd64, darwin/arm64"
                ));
            }
        };
        Ok(Self { os, arch })
    }
}

impl TryFrom<String> for Platform {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Platform> for String {
    fn from(platform: Platform) -> Self {
        platform.to_string()
    }
}
