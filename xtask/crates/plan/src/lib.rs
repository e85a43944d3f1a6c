//! Pure planning: manifests, variants, units, recipes, steps and keys.
//!
//! Nothing in here touches disk, clock, network, environment or processes: a plan is a function of the manifests and
//! of one captured [`host::Host`], so that Linux can test the plan of a Mac.

// First: its macro is seen by what follows.
#[macro_use]
mod named_enum;

pub mod arg;
pub mod attest;
pub mod audit;
pub mod backend;
pub mod base_image;
pub mod bases;
pub mod build_type;
pub mod ci_cache;
pub mod cmd;
pub mod container;
pub mod deps;
pub mod event;
pub mod filter;
pub mod flavor;
pub mod floating;
pub mod host;
pub mod image_tags;
pub mod import;
pub mod key;
pub mod lower;
pub mod manifest;
pub mod matrix;
pub mod merge;
pub mod name;
pub mod names;
pub mod normal;
pub mod oci;
pub mod outputs;
pub mod package;
pub mod plan;
pub mod platform;
pub mod proto;
pub mod queue;
pub mod realm;
pub mod recipe;
pub mod refresh;
pub mod registry;
pub mod request;
pub mod results;
pub mod root_image;
pub mod runner;
pub mod select;
pub mod source;
pub mod step;
pub mod suggest;
pub mod template;
#[cfg(test)]
mod testing;
pub mod unit;
pub mod units;
pub mod variant;
pub mod why;
