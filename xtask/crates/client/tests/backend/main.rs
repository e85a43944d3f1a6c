//! The client against backends that behave, and against many that do not.
//!
//! The backends are this very program: as a server in the same process, or started as a package (see `package.rs`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

mod calls;
mod fake;
mod package;
mod program;
mod start;

/// Not a test: what the launcher of a fake package hands over to.
#[test]
#[ignore = "the part of a fake backend"]
fn act() {
    if let Ok(part) = std::env::var("FAKE_PART") {
        package::act(part.parse().unwrap());
    }
}
