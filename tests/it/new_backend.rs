//! `new-backend`: a directory that is whole and understood, or nothing at all.

use crate::check::sound::Sound;
use crate::checkout::{Checkout, Ran, repository};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const LANGUAGES: [&str; 4] = ["cpp", "go", "python", "rust"];

/// The small fixture has the manifests that this repository has, so that its variants are all there.
fn checkout() -> Checkout {
    let checkout = Checkout::new();
    for file in ["backend/variants.yaml", "backend/backend.proto"] {
        fs::copy(repository().join(file), checkout.root.join(file)).unwrap();
    }
    checkout
}

fn files<T>(all: BTreeMap<PathBuf, T>) -> Vec<PathBuf> {
    all.into_keys().collect()
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
        let words: Vec<_> = said.lines().last().unwrap().split(' ').collect();
        for file in [words[1], words[3]] {
            assert!(checkout.root.join(file).is_file(), "{said}");
        }
        let plan = checkout.out(&["plan", &name, "--variant", "cpu"]);
        assert!(plan.contains(&name), "{plan}");
        assert_eq!(checkout.hash(&[&name, "--published"]).len(), 64);
    }
    let list = checkout.out(&["list"]);
    assert_eq!(list.matches("Says: \"it\" is #1").count(), LANGUAGES.len(), "{list}");
    let hidden = fs::read_dir(checkout.root.join("backend")).unwrap().flatten();
    assert!(!hidden.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with('.')));
}

#[test]
fn a_sound_repository_stays_sound() {
    let sound = Sound::new();
    for language in LANGUAGES {
        let ran = sound.run(&["new-backend", language, &format!("my-{language}")]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    for args in [&["check"][..], &["generate", "--check"], &["workflows", "--check"]] {
        let ran = sound.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
    }
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
    assert!(said.contains("tests/conformance/test_echo.py\n"), "{said}");
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
    checkout.write("tests/conformance/test_my_own.py", "mine");
    refused(&checkout, &["go", "my-own"], "tests/conformance/test_my_own.py is there already");
    // A file where the test's directory must be: what was put in place already goes again.
    fs::remove_dir_all(checkout.root.join("tests")).unwrap();
    checkout.write("tests", "mine");
    let before = checkout.everything();
    let ran = checkout.run(&["new-backend", "go", "my-own"]);
    assert!(ran.code == 1 && ran.err.contains("nothing was changed"), "{ran:?}");
    assert_eq!(files(checkout.everything()), files(before));
    checkout.write("backend/cpp/llama-cpp/backend.yaml", "name: [");
    refused(&checkout, &["go", "other"], "backend/cpp/llama-cpp/backend.yaml");
}
