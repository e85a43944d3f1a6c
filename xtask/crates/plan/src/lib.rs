//! Planning: from a unit to its steps and its key, and to what a builder must hold.

pub mod bases;
pub mod cmd;
pub mod container;
pub mod decision;
pub mod floating;
pub mod grpc;
pub mod key;
pub mod lower;
pub mod made;
mod plan;
pub mod presence;
pub mod proto;
pub mod published;
pub mod realm;
pub mod recipe;
pub mod request;
pub mod shell;
pub mod step;
#[cfg(test)]
#[path = "../../model/src/testing.rs"]
mod testing;
pub mod toolchain;
pub mod why;

pub use plan::{Dependency, Fact, Plan, TOOLCHAIN, bare_url, formula_fact, package_fact};
