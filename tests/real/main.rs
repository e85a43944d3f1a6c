//! Whole-program tests with real compilers, registries and processes: `cargo xtask test` runs them.
//!
//! They need a network that reaches the package registries, and install what they build with. Caches are kept in the
//! target directory; `XTASK_TEST_CACHE` names others, so that a developer need not compile llama.cpp twice.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod adopted;
mod checkout;
mod child;
mod client;
mod contract;
mod dependency;
mod deps;
mod engines;
mod failures;
mod families;
mod foreign;
mod gate;
mod image;
mod installation;
mod kills;
mod llama;
mod macos;
mod new_backend;
mod paths;
mod plants;
mod races;
mod rebuilds;
mod sccache;
mod scripts;
mod sealed;
mod servers;
mod shared_cache;
mod sharing;
mod sources;
mod system;
mod vulkan;
