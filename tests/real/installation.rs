//! Installing what is installed already.

use crate::checkout::{Checkout, repository, shared_cache};
use crate::deps::ready;

#[test]
fn a_second_installation_installs_nothing() {
    ready();
    let here = Checkout::at(repository(), shared_cache());
    let again = here.xtask(&["install-base-deps", "--dry-run"]).expect(0).says("0 steps would be run");
    assert_eq!(again.out, "");
    let again = here.xtask(&["install-base-deps"]).expect(0).says("everything was there");
    assert_eq!(again.err.lines().count(), 1, "it says nothing of installing:\n{}", again.err);
}
