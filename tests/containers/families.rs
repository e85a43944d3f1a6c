//! The other families: a Go and a Python backend from containers, asked in an empty root.

use crate::checkout::temporary;
use crate::child::tell;
use crate::client::{conformance, in_empty_root, verify_alone};
use crate::runner::Runner;
use crate::testbed::Registry;

#[track_caller]
fn check(backend: &'static str, tests: &[&str]) {
    let registry = Registry::start();
    let runner = Runner::of(&registry, backend, &[]);
    let built = runner.build(&[]).expect(0).says("fromsource");
    tell(built.line("done: "));
    let (_dir, root) = temporary();
    conformance(tests, &in_empty_root(&runner.package(), &root, None), &[]);
    verify_alone(&runner.package());
    runner.build(&[]).expect(0).says("nothing to do");
}

#[test]
fn local_store_comes_from_a_container() {
    check("local-store", &["test_local_store.LocalStore"]);
}

#[test]
fn minilm_comes_from_a_container() {
    check("minilm", &["test_minilm.MiniLM"]);
}
