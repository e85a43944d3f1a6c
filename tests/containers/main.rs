//! Container builds with a real BuildKit, buildx and OCI registry on loopback: `cargo xtask test` runs them.
//!
//! They need root and a network that reaches the package registries; no image is pulled. The programs and the base
//! image are made once and kept in the tests' cache, see `testbed`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[allow(dead_code, reason = "shared with the tests on the host, which use all of it")]
#[path = "../real/checkout.rs"]
mod checkout;
#[allow(dead_code, reason = "shared with the tests on the host, which use all of it")]
#[path = "../real/child.rs"]
mod child;
#[allow(dead_code, reason = "shared with the tests on the host, which use all of it")]
#[path = "../real/client.rs"]
mod client;
#[path = "../real/deps.rs"]
mod deps;
#[allow(dead_code, reason = "shared with the tests on the host, which use all of it")]
#[path = "../real/system.rs"]
mod system;

mod audit;
mod bake;
mod bed;
mod broken;
mod eviction;
mod families;
#[allow(dead_code, reason = "shared with the tests of crate `registry`")]
mod faults;
mod images;
mod layers;
mod lint;
mod llama;
mod merge;
mod packer;
mod prepared;
mod publish;
mod queue;
mod registry;
mod runner;
mod scripts;
mod taken;
mod testbed;
mod trust;
