//! The other families: a Go, a Python and a Rust backend, each built, packaged, and asked in an empty root.

use crate::checkout::{Checkout, temporary};
use crate::child::tell;
use crate::client::{conformance, in_empty_root};

#[track_caller]
fn check(backend: &str, tests: &[&str], in_root: &[&str]) {
    crate::deps::ready();
    let checkout = Checkout::copy("checkout");
    let built = checkout.xtask_for_long(&["build-backend", backend, "--strict", "--no-cache"]).expect(0);
    tell(built.line("done: "));
    let package = checkout.package(backend);
    conformance(tests, package.join("run").as_str(), &[]);
    let (_dir, root) = temporary();
    conformance(in_root, &in_empty_root(&package, &root, None), &[]);
    checkout.xtask(&["build-backend", backend]).expect(0).says("nothing to do");
}

#[test]
fn local_store_keeps_the_contract_in_an_empty_root() {
    check("local-store", &["test_local_store"], &["test_local_store.LocalStore"]);
}

#[test]
fn minilm_keeps_the_contract_in_an_empty_root() {
    check("minilm", &["test_minilm"], &["test_minilm.MiniLM"]);
}

#[test]
fn lexical_keeps_the_contract_in_an_empty_root() {
    check("lexical", &["test_lexical"], &["test_lexical.Lexical"]);
}
