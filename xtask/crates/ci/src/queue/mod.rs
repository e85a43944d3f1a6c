//! What is queued: for every unit whether it is built, and for every published image whether it is merged.
//!
//! A unit is identified by its key, so that what the registry has under that key is never built again. Whatever is not
//! known for sure is built, and the reason says what was not known.

mod action;
mod candidate;
mod decide;
mod occasion;
mod question;
mod result;
mod summary;

pub use action::{Action, BuildReason, IdleReason};
pub use candidate::{Candidate, Float};
pub use decide::decide;
pub use occasion::Occasion;
pub use question::Question;
pub use result::{Decided, Merge, Queue};
pub(crate) use summary::cell;
pub use summary::{Counts, counts, markdown};
