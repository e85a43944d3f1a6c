//! A matrix that is kept by hand, as a table of variants and one short list per backend, and back again.
//!
//! Nothing is guessed: a field that the table and the list do not give stands beside its row as an exception. What comes
//! back is equal to what was read: the same rows in the same order, each with the same fields in the same order. Comments
//! are not data.

mod document;
mod fold;
mod keys;
mod model;
mod naming;
mod order;
mod read;
mod source;
mod unfold;
mod write;

pub use document::{List, Row, rows};
pub use fold::{Unfoldable, fold};
pub use model::{Backend, Item, Layer, Model, Way};
pub use order::{Order, Place, Platform, Rows, Run};
pub use read::{MODEL, read};
pub use unfold::{Unfolded, unfold};
pub use write::{Texts, write};
