//! The matrix of a small checkout, and one that is kept by hand.

use crate::checkout::{Checkout, repository};
use std::fs;
use std::process::Command;

#[test]
fn the_whole_matrix_for_people_and_for_ci() {
    let checkout = Checkout::new();
    insta::assert_snapshot!("table", checkout.out(&["matrix", "--all"]));
    let explained = checkout.out(&["matrix", "--all", "--explain"]);
    assert!(explained.lines().all(|line| line.starts_with("build ")), "{explained}");
    let outputs = checkout.out(&["matrix", "--all", "--format", "github"]);
    insta::assert_snapshot!("outputs", outputs);
    let file = checkout.dir().join("output");
    fs::write(&file, "before=1\n").unwrap();
    checkout.out(&["matrix", "--all", "--format", "github", "--github-output", file.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("before=1\n{outputs}"));
}

#[test]
fn what_is_written_as_a_matrix_can_be_imported() {
    let checkout = Checkout::new();
    let file = checkout.dir().join("matrix.yml");
    checkout.out(&["matrix", "--emit-yaml", file.to_str().unwrap()]);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(checkout.out(&["matrix", "--emit-yaml"]), text);
    let dir = checkout.dir().join("table");
    checkout.out(&["import-matrix", file.to_str().unwrap(), "--out", dir.to_str().unwrap()]);
    assert_eq!(checkout.out(&["import-matrix", dir.to_str().unwrap(), "--emit-yaml"]), text);
}

#[test]
fn every_matrix_that_there_was_comes_back() {
    let checkout = Checkout::new();
    let dir = checkout.dir().join("history");
    let bundle = repository().join("tests/fixtures/matrices/history.bundle");
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).env("HOME", &checkout.home).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["clone", "--quiet", "--branch", "main", bundle.to_str().unwrap(), dir.to_str().unwrap()]);
    let here = dir.to_str().unwrap();
    let commits = git(&["-C", here, "log", "--format=%H", "--diff-filter=AM", "--", "matrix.yml"]);
    assert_eq!(commits.lines().count(), 35);
    for commit in commits.lines() {
        git(&["-C", here, "checkout", "--quiet", commit]);
        let file = dir.join("matrix.yml");
        let ran = checkout.run(&["import-matrix", file.to_str().unwrap(), "--check"]);
        assert_eq!(ran.code, 0, "{commit}: {ran:?}");
    }
}

#[test]
fn a_broken_matrix_is_refused_and_nothing_is_written() {
    let checkout = Checkout::new();
    let (file, dir) = (checkout.dir().join("matrix.yml"), checkout.dir().join("table"));
    for (text, expected) in [
        ("include: [\n", "matrix.yml:2:1"),
        ("include:\n  - backend: x\n", "matrix.yml:2:5"),
        ("include:\n  - {backend: x, platforms: here, tag-suffix: -x}\n", "matrix.yml:2:1"),
        (
            "include:\n  - {backend: x, platforms: linux/amd64, tag-suffix: -x, ubuntu-version: 2404}\n",
            "write it in quotes",
        ),
    ] {
        fs::write(&file, text).unwrap();
        let ran = checkout.run(&["import-matrix", file.to_str().unwrap(), "--out", dir.to_str().unwrap()]);
        assert_eq!(ran.code, 2, "{text}: {ran:?}");
        assert!(ran.err.contains(expected), "{text}: {ran:?}");
        assert!(!dir.exists(), "{text}");
    }
    let ran = checkout.run(&["import-matrix", "nowhere.yml"]);
    assert!(ran.code == 2 && ran.err.contains("nowhere.yml"), "{ran:?}");
}

#[test]
fn a_row_leads_to_its_unit() {
    let checkout = Checkout::new();
    let build = |args: &[&str]| checkout.run(&[&["build-backend", "--dry-run"], args].concat());
    let ran = build(&["--tag-suffix", "-cpu-lama-cpp"]);
    assert!(ran.code == 2 && ran.err.contains("did you mean `-cpu-llama-cpp`?"), "{ran:?}");
    let ran = build(&["--tag-suffix", "-cpu-llama-cpp"]);
    assert!(
        ran.code == 2 && ran.err.contains("add --platform with one of linux/amd64, linux/arm64"),
        "{ran:?}"
    );
    let ran = build(&["--tag-suffix", "-metal-darwin-arm64-llama-cpp"]);
    assert!(ran.code == 2 && ran.err.contains("Mac"), "{ran:?}");
}
