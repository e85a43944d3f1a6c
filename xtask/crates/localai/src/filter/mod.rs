//! Which entries of a matrix written by hand an event is about: the filter that came before this repository's own
//! selection, with its rules as data.

mod changed;
mod decide;
mod diff;
mod event;
mod kind;
mod matrix;
mod outputs;
mod place;
mod reason;
pub mod rules;
mod select;

pub use changed::{Changed, Misread, Renames};
pub use decide::{Verdict, decide};
pub use event::{Event, Repository, Scope};
pub use kind::Os;
pub use matrix::{Matrix, Other};
pub use matrixfile::{Entry, Value};
pub use place::Place;
pub use reason::Reason;
pub use rules::Rules;
pub use select::{Change, Chosen, Filter, Revisions, Selection};
