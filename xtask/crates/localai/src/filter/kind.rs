//! The two lists of a matrix.

/// Which list an entry is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Os {
    /// `include`.
    Linux,
    /// `includeDarwin`.
    Darwin,
}
