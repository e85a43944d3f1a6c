//! Documents about a merged image: what it is made of, and how it was made.

mod provenance;
mod spdx;

pub use provenance::{Made, PREDICATE, provenance};
pub use spdx::{Component, Contents, License, spdx};
