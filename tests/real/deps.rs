//! What a builder needs is installed once.

use crate::checkout::{Checkout, repository, shared_cache};
use crate::child;
use std::sync::LazyLock;

static READY: LazyLock<()> = LazyLock::new(|| {
    let here = Checkout::at(repository(), shared_cache());
    child::run(here.command(&["install-base-deps"]), child::LONG).expect(0);
});

/// Installs whatever the tests build with, once.
pub fn ready() {
    LazyLock::force(&READY);
}
