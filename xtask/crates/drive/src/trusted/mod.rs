//! Who made what a registry's cache holds: what is made here is signed, and what others made is looked at before it is
//! used.

mod maker;
mod sign;
mod verify;

pub use sign::Signer;
pub use verify::{Verifier, check, check_images};
