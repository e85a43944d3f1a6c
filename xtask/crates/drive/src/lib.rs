//! Carries plans out: measures what is there, builds what is missing, packs, publishes.
//!
//! What may be typed and what is printed of it is no business of this crate: it takes options and reports to a [`ui::Ui`].

pub mod artifact;
pub mod audit;
pub mod bake;
pub mod bundle;
pub mod change;
pub mod container;
pub mod error;
pub mod helpers;
pub mod images;
pub mod make;
pub mod publish;
pub mod queue;
pub mod registries;
pub mod repo;
pub mod session;
pub mod trusted;
pub mod wanted;
pub mod workplace;
