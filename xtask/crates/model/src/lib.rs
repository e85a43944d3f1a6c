//! The words of this project and its manifests, from text to the checked model.
//!
//! Nothing in here, nor in the crates that plan with it, touches disk, clock, network, environment or processes: what is
//! known of a machine is one captured [`host::Host`], so that Linux can test the plan of a Mac.

// The tests' manifests are shared with the crates above.
#[cfg(test)]
extern crate self as model;

#[macro_use]
mod macros;

pub mod arg;
pub mod backend;
pub mod base;
pub mod build_type;
pub mod captured_host;
pub mod cmake_options;
pub mod compiler_cache;
pub mod contract;
pub mod digest;
pub mod engine;
pub mod event;
pub mod flavor;
pub mod grpc;
pub mod host;
pub mod image_names;
pub mod key;
pub mod macos;
pub mod manifest;
pub mod name;
pub mod oci;
pub mod package;
pub mod platform;
pub mod python;
pub mod root_image;
pub mod script;
pub mod source;
pub mod staged;
pub mod template;
#[cfg(test)]
mod testing;
pub mod text;
pub mod time;
pub mod trust;
pub mod unit;
pub mod variant;
