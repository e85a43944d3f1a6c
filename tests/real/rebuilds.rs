//! What is built again, through what, and why.

use crate::checkout::{Checkout, listing};

#[test]
fn nothing_changed_means_nothing_is_run() {
    let checkout = Checkout::tiny();
    checkout.xtask(&["build-backend", "tiny"]).expect(0).says("built tiny");
    let again = checkout.xtask(&["build-backend", "tiny"]).expect(0).says("nothing to do for tiny");
    assert_eq!(again.err.lines().count(), 1, "no step was run:\n{}", again.err);
    // Touched, read and listed is not changed.
    let file = checkout.root.join("backend/cpp/tiny/src/main.cpp");
    let text = fs_err::read(&file).unwrap();
    fs_err::write(&file, text).unwrap();
    checkout.xtask(&["build-backend", "tiny"]).expect(0).says("nothing to do for tiny");
}

#[test]
fn why_names_the_file_that_changed() {
    let checkout = Checkout::tiny();
    checkout.xtask(&["build-backend", "tiny"]).expect(0);
    checkout.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return 43");
    let why = checkout.xtask(&["why", "tiny"]).expect(0).out;
    assert!(why.contains("changed since the last build"), "{why}");
    assert!(why.contains("backend/cpp/tiny/src/answer.cpp") && !why.contains("main.cpp"), "{why}");
    let built = checkout.xtask(&["build-backend", "tiny"]).expect(0);
    assert!(built.line("done: ").contains("5 direct, 0 preprocessed, 1 compiled"), "{}", built.err);
    let why = checkout.xtask(&["why", "tiny"]).expect(0).out;
    assert!(why.contains("it was built because") && why.contains("answer.cpp"), "{why}");
}

#[test]
fn the_same_sources_elsewhere_give_the_same_bytes() {
    let checkout = Checkout::tiny();
    checkout.xtask(&["build-backend", "tiny"]).expect(0);
    let elsewhere = checkout.clone_to("a/deeper/checkout");
    let built = elsewhere.xtask(&["build-backend", "tiny", "--no-cache"]).expect(0);
    assert!(built.line("done: ").contains("ccache 100 % of 6 (6 direct"), "{}", built.err);
    assert_eq!(listing(&checkout.package("tiny")), listing(&elsewhere.package("tiny")));
    // Nothing in the package knows where it was built, so without a compiler cache it is the same too.
    let by_hand = checkout.clone_to("third");
    let built = by_hand.xtask(&["build-backend", "tiny", "--compiler-cache", "off"]).expect(0);
    let same = listing(&checkout.package("tiny"));
    assert_eq!(same, listing(&by_hand.package("tiny")), "{}", built.err);
}
