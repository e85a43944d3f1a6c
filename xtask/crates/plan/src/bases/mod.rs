//! Builder bases as a whole: which are asked for, who starts from them, and which must be built.

mod choice;
mod decide;
mod row;
#[cfg(test)]
mod tests;

pub use choice::{UnknownBase, of_backend, select};
pub use decide::{Decision, decide};
pub use row::{BaseRow, Consumers, Presence, rows};
