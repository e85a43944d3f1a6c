//! Answers of commands, kept for as long as nothing has changed that they stand on.
//!
//! A command that finds nothing to do has read hundreds of manifests and planned everything to find that out. So it keeps
//! its answer, with what `lstat` said of every file and directory that it looked at, and gives it again to who asks the
//! same if `lstat` says the same of all of them. Whoever looks at a file says so by [`saw`], before reading it; who learns
//! something that cannot be looked at again, as from a program that ran, says [`spoil`], and nothing is kept.

mod file;
mod question;
mod reader;
mod seen;
mod stat;

pub use question::Question;
pub use reader::Reader;
pub use seen::{begin, keep, saw, saw_as, spoil};
pub use stat::{Stat, now};
