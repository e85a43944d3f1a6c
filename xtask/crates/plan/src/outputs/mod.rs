//! The lines that a matrix job writes to `GITHUB_OUTPUT`: the same keys, order and JSON whatever the rows come from.

mod emit;
mod entry;
mod merge_matrix;
mod refusal;
mod row;
mod shards;

pub use emit::{Emitted, Outputs};
pub use refusal::Refusal;
pub use row::Row;
pub use shards::Shards;

/// GitHub creates no job at all for a matrix of so many, and the run hangs.
pub const MATRIX_LIMIT: usize = 256;
