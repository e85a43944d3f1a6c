//! The other families: a Go, a Python and a Rust backend, each built, packaged, and asked in an empty root; and every
//! backend that is added.

use crate::checkout::{Checkout, temporary};
use crate::child::tell;
use crate::client::{conformance, conformance_in, in_empty_root, verify};
use model::name::BackendName;

/// What has tests of its own, here or in `llama.rs`.
const NAMED: [&str; 4] = ["lexical", "llama-cpp", "local-store", "minilm"];

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
    verify(&checkout, backend);
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

#[test]
fn what_is_added_keeps_the_contract() {
    added_ones_keep_the_contract(&Checkout::copy("checkout"));
}

/// Builds every backend for processors that no test names, and runs its own modules of the conformance suite; their names.
#[track_caller]
pub fn added_ones_keep_the_contract(checkout: &Checkout) -> Vec<BackendName> {
    let backends = backends(checkout);
    let added: Vec<_> = backends.iter().filter(|name| !NAMED.contains(&name.as_str())).cloned().collect();
    let files = fs_err::read_dir(checkout.root.join("tests/conformance")).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    for backend in &added {
        crate::deps::ready();
        let built = checkout.xtask_for_long(&["build-backend", backend.as_str(), "--strict"]).expect(0);
        tell(built.line("done: "));
        let modules = files.iter().filter_map(|file| file.strip_suffix(".py"));
        let modules: Vec<_> =
            modules.filter(|module| check::tested_by(module, &backends) == Some(backend)).collect();
        let run = checkout.package(backend.as_str()).join("run");
        conformance_in(&checkout.root, &modules, run.as_str(), &[]);
        verify(checkout, backend.as_str());
    }
    added
}

/// The backends that can be built for processors.
fn backends(checkout: &Checkout) -> Vec<BackendName> {
    let listed: serde_json::Value =
        serde_json::from_str(&checkout.xtask(&["list", "--json"]).expect(0).out).unwrap();
    let has_cpu = |backend: &&serde_json::Value| {
        backend["variants"].as_array().unwrap().iter().any(|row| row["variant"] == "cpu")
    };
    let rows = listed.as_array().unwrap().iter().filter(has_cpu);
    rows.map(|backend| backend["name"].as_str().unwrap().parse().unwrap()).collect()
}
