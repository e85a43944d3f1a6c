//! The container realm's side of a plan: what a unit starts from, and by which of the two ways.

mod base_key;
mod choose;
mod ground;

pub use base_key::BaseKey;
pub use choose::{BasePresence, BuilderChoice, ChoiceError, choose};
pub use ground::Ground;

use crate::realm::Builder;

/// How a unit is built in a container.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Container {
    /// What the builder is made of; the same whichever way it is come by.
    pub base: Ground,
    /// Which way that is.
    pub builder: Builder,
    /// Why that way.
    pub reason: String,
}
