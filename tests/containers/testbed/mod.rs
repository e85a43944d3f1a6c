//! A real BuildKit, buildx and OCI registry, from package registries alone.
//!
//! Programs and base image are made once, under a lock, in the tests' cache; daemons live as long as their values.

mod base_image;
mod builder;
mod daemon;
mod debian;
mod registry;
mod tools;

pub use builder::Builder;
pub use registry::Registry;
pub use tools::once;
