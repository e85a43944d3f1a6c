//! Everything that planning may know of the machine, captured once by crate `exec`.

use crate::platform::Platform;
use std::fmt;

/// A distribution that `install-base-deps` knows.
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
pub enum Distro {
    /// Debian 12.
    #[serde(rename = "debian-12")]
    Debian12,
    /// Debian 13.
    #[serde(rename = "debian-13")]
    Debian13,
    /// Ubuntu 22.04.
    #[serde(rename = "ubuntu-22.04")]
    Ubuntu2204,
    /// Ubuntu 24.04.
    #[serde(rename = "ubuntu-24.04")]
    Ubuntu2404,
}

impl Distro {
    /// From the `ID` and `VERSION_ID` fields of os-release(5).
    pub fn from_os_release(id: &str, version_id: &str) -> Option<Self> {
        match (id, version_id) {
            ("debian", "12") => Some(Self::Debian12),
            ("debian", "13") => Some(Self::Debian13),
            ("ubuntu", "22.04") => Some(Self::Ubuntu2204),
            ("ubuntu", "24.04") => Some(Self::Ubuntu2404),
            _ => None,
        }
    }

    /// The release without its point, the reference's form, as in `2404`.
    pub fn digits(self) -> &'static str {
        match self {
            Self::Debian12 => "12",
            Self::Debian13 => "13",
            Self::Ubuntu2204 => "2204",
            Self::Ubuntu2404 => "2404",
        }
    }

    /// The name for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debian12 => "Debian 12",
            Self::Debian13 => "Debian 13",
            Self::Ubuntu2204 => "Ubuntu 22.04",
            Self::Ubuntu2404 => "Ubuntu 24.04",
        }
    }
}

impl fmt::Display for Distro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How packages can be installed on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privilege {
    /// Already root.
    Root,
    /// `sudo` works without a question, or a terminal is there to answer it.
    Sudo,
    /// Neither: commands are printed for somebody who may.
    None,
}

/// The machine as planning sees it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Host {
    /// This machine's platform.
    pub platform: Platform,
    /// The distribution, when it is one that is supported.
    pub distro: Option<Distro>,
    /// How packages can be installed.
    pub privilege: Privilege,
    /// Usable processors.
    pub cpus: usize,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Processor model and instruction sets, part of the key of a `native` flavor alone.
    pub cpu: String,
    /// The bucket of floating requirements at this moment, such as `2026-W47`; none where they are never renewed.
    pub refresh: Option<String>,
    /// Under continuous integration.
    pub ci: bool,
    /// It is the machine that plans, and no other.
    pub is_here: bool,
}

impl Host {
    /// Another machine, of which nothing but its platform is known: plans for it are made, and not carried out.
    #[must_use]
    pub fn elsewhere(&self, platform: Platform) -> Self {
        Self {
            platform,
            distro: None,
            privilege: Privilege::None,
            cpu: String::new(),
            is_here: false,
            ..self.clone()
        }
    }
}
