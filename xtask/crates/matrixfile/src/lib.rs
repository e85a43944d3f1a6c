//! A matrix written by hand, read as js-yaml reads it, and JSON as JavaScript writes it.
//!
//! Apart from `plan`, because this alone of planning looks at every byte of 200 KB, and is compiled to be fast.

mod build;
mod entry;
mod json;
mod read;
mod scalar;
mod value;

pub use entry::Entry;
pub use json::{append, number};
pub use read::{Fault, read};
pub use value::Value;
