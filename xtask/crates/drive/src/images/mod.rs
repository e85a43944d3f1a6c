//! Images that are not packages, builder bases and root images: what becomes of each, and how it is built.

mod build;
mod decide;
mod shared;
mod table;

pub use build::build;
pub use decide::{Decided, decide};
pub use shared::Shared;
pub use table::{print_decision, print_table};
