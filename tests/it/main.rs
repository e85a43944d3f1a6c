//! The built program on small checkouts: no network, no compiler, a home and a cache of its own.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(missing_docs, reason = "nobody reads the documentation of a test")]

mod adopt;
mod affected;
mod answers;
mod audit;
mod bundle;
mod cache;
mod check;
mod checkout;
#[allow(dead_code, reason = "shared with the tests of real tools, which use all of it")]
#[path = "../real/child.rs"]
mod child;
mod docker;
mod errors;
#[allow(dead_code, reason = "shared with the tests of registries, which use all of it")]
#[path = "../containers/faults.rs"]
mod faults;
mod github;
mod help;
mod hosts;
mod images;
mod inputs;
mod keys;
mod mac_build;
mod machine;
mod manifests;
mod matrix;
mod merge;
mod new_backend;
mod output;
mod plans;
mod queue;
mod reference;
mod security;
mod stops;
mod taken;
mod trust;
mod typos;
mod why;
mod workflows;
