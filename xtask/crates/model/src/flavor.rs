//! One CMake configuration of a C++ unit.

named_enum! {
    /// A CMake configuration of a C++ unit; several may go into one package.
    Flavor, "a flavor" {
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
