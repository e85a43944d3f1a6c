//! What this processor can do, in the steps in which libraries are compiled for several.

/// A set of instructions beyond what every processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cpu {
    /// AVX.
    Avx,
    /// AVX2 with what came along: FMA, F16C and BMI2.
    Avx2,
    /// AVX-512 as servers have had it since Skylake, on top of those.
    Avx512,
}

impl Cpu {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Avx, Self::Avx2, Self::Avx512];

    /// As it stands in a launch description.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Avx => "cpu:avx",
            Self::Avx2 => "cpu:avx2",
            Self::Avx512 => "cpu:avx512",
        }
    }

    /// Whether this machine has it, its system's part included.
    #[cfg(target_arch = "x86_64")]
    pub fn is_here(self) -> bool {
        use std::arch::is_x86_feature_detected as has;
        match self {
            Self::Avx => has!("avx"),
            Self::Avx2 => has!("avx2") && has!("fma") && has!("f16c") && has!("bmi2"),
            Self::Avx512 => {
                Self::Avx2.is_here()
                    && has!("avx512f")
                    && has!("avx512bw")
                    && has!("avx512cd")
                    && has!("avx512dq")
                    && has!("avx512vl")
            }
        }
    }

    /// Whether this machine has it.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_here(self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_more_has_less() {
        let here = Cpu::ALL.map(Cpu::is_here);
        assert!(here.is_sorted_by(|less, more| less >= more), "{here:?}");
    }
}
