//! Readers of what rules look at: lines of texts, workflows, Dockerfiles, matrices.

pub mod docker;
pub mod expression;
mod matrix;
pub mod own;
pub mod spots;
pub mod workflow;

pub use matrix::{Field, Row, Table};
