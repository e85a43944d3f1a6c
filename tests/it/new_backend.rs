//! `new-backend`: a directory that is whole and understood, or nothing at all.

use crate::checkout::{Checkout, Ran, repository};

const LANGUAGES: [&str; 4] = ["cpp", "go", "python", "rust"];

/// The small fixture has the manifests that this repository has, so that its variants are all there.
fn checkout() -> Checkout {
    let checkout = Checkout::new();
    for file in ["backend/variants.yaml", "backend/backend.proto"] {
        std::fs::copy(repository().join(file), checkout.root.join(file)).unwrap();
    }
    checkout
}

#[track_caller]
fn refused(checkout: &Checkout, args: &[&str], why: &str) -> Ran {
    let before = checkout.everything();
    let ran = checkout.run(&[&["new-backend"], args].concat());
    assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
    assert!(ran.err.contains(why), "{args:?}: {ran:?}");
    assert!(checkout.everything() == before, "{args:?} changed something");
    ran
}

#[test]
fn every_language_has_a_backend_that_is_understood_and_planned() {
    let checkout = checkout();
    for language in LANGUAGES {
        let name = format!("my-{language}");
        let said = checkout.out(&["new-backend", language, &name, "--description", "Says: \"it\" is #1"]);
        assert_eq!(said.lines().count(), 3, "{said}");
        assert!(said.contains(&format!("cargo xtask build-backend {name}")), "{said}");
        let heart = said.lines().last().unwrap().split(' ').nth(1).unwrap();
        assert!(checkout.root.join(heart).is_file(), "{said}");
        let plan = checkout.out(&["plan", &name, "--variant", "cpu"]);
        assert!(plan.contains(&name), "{plan}");
        assert_eq!(checkout.hash(&[&name, "--published"]).len(), 64);
    }
    let list = checkout.out(&["list"]);
    assert_eq!(list.matches("Says: \"it\" is #1").count(), LANGUAGES.len(), "{list}");
    let hidden = std::fs::read_dir(checkout.root.join("backend")).unwrap().flatten();
    assert!(!hidden.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with('.')));
}

#[test]
fn an_edit_of_its_tests_or_texts_changes_no_key() {
    let checkout = checkout();
    for (language, file) in
        [("go", "embed_test.go"), ("python", "tests/test_embed.py"), ("cpp", "tests/embed_test.cpp")]
    {
        let name = format!("my-{language}");
        checkout.out(&["new-backend", language, &name]);
        let before = checkout.hash(&[&name, "--published"]);
        checkout.write(&format!("backend/{language}/{name}/{file}"), "");
        checkout.write(&format!("backend/{language}/{name}/README.md"), "");
        assert_eq!(checkout.hash(&[&name, "--published"]), before, "{language}");
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let checkout = checkout();
    let before = checkout.everything();
    let said = checkout.out(&["new-backend", "rust", "echo", "--dry-run"]);
    assert!(said.contains("backend/rust/echo/backend.yaml\n"), "{said}");
    let files = |all: std::collections::BTreeMap<std::path::PathBuf, _>| all.into_keys().collect::<Vec<_>>();
    assert_eq!(files(checkout.everything()), files(before));
}

#[test]
fn what_cannot_be_leaves_everything_as_it_was() {
    let checkout = checkout();
    refused(&checkout, &["rst", "echo"], "similar value exists: 'rust'");
    refused(&checkout, &["go", "Echo"], "`Echo` is not a backend name");
    refused(&checkout, &["go", "../echo"], "is not a backend name");
    refused(&checkout, &["rust", "minilm"], "there is a backend `minilm` already: backend/python/minilm");
    refused(&checkout, &["go", "common"], "a directory of something else");
    refused(&checkout, &["rust", "match"], "a word of Rust's own");
    refused(&checkout, &["rust", "tokio"], "would link a crate called `tokio` itself");
    refused(&checkout, &["go", "echo", "--description", "a\nb"], "expected one line");
    checkout.write("backend/go/echo/notes.txt", "mine");
    refused(&checkout, &["go", "echo"], "backend/go/echo is there already");
    checkout.write("backend/cpp/llama-cpp/backend.yaml", "name: [");
    refused(&checkout, &["go", "other"], "backend/cpp/llama-cpp/backend.yaml");
}
