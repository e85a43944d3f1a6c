//! One CMake configuration of a C++ unit.

use std::str::FromStr;

named_enum! {
    /// A CMake configuration of a C++ unit; several may go into one package.
    Flavor {
        /// This machine's processor: the quickest first answer, good for no other machine.
        Native = "native",
        /// Every optional instruction set off: runs anywhere.
        Fallback = "fallback",
        /// AVX only.
        Avx = "avx",
        /// AVX2, FMA and F16C.
        Avx2 = "avx2",
        /// AVX-512 on top of AVX.
        Avx512 = "avx512",
        /// One binary that loads the best of many CPU backends at start.
        CpuAll = "cpu-all",
        /// `fallback` that can also use remote RPC workers.
        Grpc = "grpc",
        /// The RPC worker itself.
        RpcServer = "rpc-server",
    }
}

/// The text names no flavor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a flavor: use native, fallback, avx, avx2, avx512, cpu-all, grpc or rpc-server{hint}", hint = crate::text::suggest::hint(.0, Flavor::ALL.map(Flavor::as_str)))]
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
