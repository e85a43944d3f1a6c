//! What a builder needs is installed once.

use crate::checkout::{Checkout, repository, shared_cache};
use crate::child;
use std::sync::LazyLock;

static READY: LazyLock<()> = LazyLock::new(|| {
    child::run(here().command(&["install-base-deps"]), child::LONG).expect(0);
});

/// Installs whatever the tests build with, once.
pub fn ready() {
    LazyLock::force(&READY);
}

fn here() -> Checkout {
    Checkout::at(repository(), shared_cache())
}

#[test]
fn a_second_installation_installs_nothing() {
    ready();
    let again = here().xtask(&["install-base-deps", "--dry-run"]).expect(0).says("0 steps would be run");
    assert_eq!(again.out, "");
    let again = here().xtask(&["install-base-deps"]).expect(0).says("everything was there");
    assert_eq!(again.err.lines().count(), 1, "it says nothing of installing:\n{}", again.err);
}
