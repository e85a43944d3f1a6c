//! The gallery: what LocalAI can install, as an index of what was seen to be published. Pure.

mod capability;
mod compare;
mod index;
mod listed;

pub use compare::{Difference, Differs, Promised, compare, promised};
pub use index::{Channel, Gallery, LeftOut, gallery};
pub use listed::{Listed, ListedError, Place, read};
