//! The lines that a matrix job writes to `GITHUB_OUTPUT`: the same keys, order and JSON whatever the rows come from.

mod blocks;
mod emit;
mod entry;
mod merge_matrix;
mod refusal;
mod row;

pub use blocks::Blocks;
pub(crate) use blocks::packed;
pub use emit::{Emitted, Outputs};
pub use refusal::{Refusal, fits};
pub use row::Row;

/// GitHub creates no job at all for a matrix of so many, and the run hangs.
pub const MATRIX_LIMIT: usize = 256;
