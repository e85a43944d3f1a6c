//! What CI builds, merges, tags and audits: decisions over units and their keys, over what changed and what registries have.

pub mod affected;
pub mod attest;
pub mod audit;
pub mod cache;
pub mod gallery;
pub mod matrix;
pub mod merge;
pub mod outputs;
pub mod queue;
pub mod results;
pub mod runner;
pub mod tags;
