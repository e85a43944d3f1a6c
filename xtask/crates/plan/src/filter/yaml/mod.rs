//! YAML as js-yaml reads it: the values that JavaScript would have, and where they stand.

mod build;
mod read;
mod scalar;

pub(super) use read::{Fault, read};
