//! One CMake configuration of a C++ unit.

use std::fmt;
use std::str::FromStr;

/// A CMake configuration of a C++ unit; several may go into one package.
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
#[serde(rename_all = "kebab-case")]
pub enum Flavor {
    /// This machine's processor: the quickest first answer, good for no other machine.
    Native,
    /// Every optional instruction set off: runs anywhere.
    Fallback,
    /// AVX only.
    Avx,
    /// AVX2, FMA and F16C.
    Avx2,
    /// AVX-512 on top of AVX.
    Avx512,
    /// One binary that loads the best of many CPU backends at start.
    CpuAll,
    /// `fallback` that can also use remote RPC workers.
    Grpc,
    /// The RPC worker itself.
    RpcServer,
}

impl Flavor {
    /// Every flavor.
    pub const ALL: [Self; 8] = [
        Self::Native,
        Self::Fallback,
        Self::Avx,
        Self::Avx2,
        Self::Avx512,
        Self::CpuAll,
        Self::Grpc,
        Self::RpcServer,
    ];

    /// The name in manifests, options and binaries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Fallback => "fallback",
            Self::Avx => "avx",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::CpuAll => "cpu-all",
            Self::Grpc => "grpc",
            Self::RpcServer => "rpc-server",
        }
    }
}

impl fmt::Display for Flavor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no flavor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a flavor: use native, fallback, avx, avx2, avx512, cpu-all, grpc or rpc-server{hint}", hint = crate::suggest::hint(.0, Flavor::ALL.map(Flavor::as_str)))]
pub struct FlavorError(String);

impl FromStr for Flavor {
    type Err = FlavorError;
    fn from_str(text: &str) -> Result<Self, FlavorError> {
        Self::ALL.into_iter().find(|f| f.as_str() == text).ok_or_else(|| FlavorError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_serde_agree() {
        for flavor in Flavor::ALL {
            assert_eq!(flavor.to_string().parse(), Ok(flavor));
            assert_eq!(serde_json::to_value(flavor).unwrap(), flavor.as_str());
        }
    }
}
