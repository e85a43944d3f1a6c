//! Operating system and architecture of a unit, in the field's usual `os/arch` form.

use std::fmt;
use std::str::FromStr;

/// Operating system that a unit is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Os {
    /// Linux with glibc.
    Linux,
    /// macOS.
    Darwin,
}

named_enum! {
    /// Processor architecture, under its Go and OCI name.
    Arch {
        /// x86-64.
        Amd64 = "amd64",
        /// AArch64.
        Arm64 = "arm64",
    }
}

impl Os {
    /// The OCI and Go name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Darwin => "darwin",
        }
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
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("enum" = Platform::ALL.map(Platform::as_str)))]
pub struct Platform {
    /// Operating system.
    pub os: Os,
    /// Architecture.
    pub arch: Arch,
}

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

/// The text names no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a platform: use linux/amd64, linux/arm64, darwin/arm64 or darwin/amd64{hint}", hint = crate::text::suggest::hint(.0, Platform::ALL.map(Platform::as_str)))]
pub struct PlatformError(String);

impl FromStr for Platform {
    type Err = PlatformError;
    fn from_str(text: &str) -> Result<Self, PlatformError> {
        Self::ALL.into_iter().find(|p| p.as_str() == text).ok_or_else(|| PlatformError(text.to_owned()))
    }
}

impl TryFrom<String> for Platform {
    type Error = PlatformError;
    fn try_from(text: String) -> Result<Self, PlatformError> {
        text.parse()
    }
}

impl From<Platform> for String {
    fn from(platform: Platform) -> Self {
        platform.as_str().to_owned()
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
