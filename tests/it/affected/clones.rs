//! Shallow clones, as CI makes them.

use super::repository::{Repository, git};
use crate::checkout::Checkout;
use std::fs;

/// An origin with two commits, and a clone that has no more than the second.
fn shallow() -> (Repository, Repository, String, String) {
    let origin = Repository::new();
    origin.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let first = origin.git(&["rev-parse", "HEAD"]);
    origin.write("backend/go/local-store/main.go", "package main // 2\n");
    let second = origin.commit();
    let checkout = Checkout::new();
    fs::remove_dir_all(&checkout.root).unwrap();
    let url = format!("file://{}", origin.checkout.root.display());
    git(checkout.dir(), &["clone", "--quiet", "--depth=1", &url, checkout.root.to_str().unwrap()]);
    (origin, Repository { checkout }, first, second)
}

#[test]
fn a_base_that_was_not_cloned_is_fetched_without_its_history() {
    let (_origin, clone, first, second) = shallow();
    let push = serde_json::json!({ "ref": "refs/heads/main", "before": first, "after": second }).to_string();
    let offline = clone.event(&push, &["--offline"]);
    assert_eq!(offline.evidence, "everything");
    assert!(offline.why.contains("--offline forbids"), "{offline:?}");
    let answer = clone.event(&push, &[]);
    assert_eq!((&*answer.evidence, &answer.backends()[..]), ("keys", &["local-store"][..]), "{answer:?}");
    assert_eq!(clone.event(&push, &["--offline"]).evidence, "keys", "it is here now");
    assert_eq!(clone.git(&["rev-parse", "--is-shallow-repository"]), "true");
}

#[test]
fn an_origin_that_is_gone_leaves_everything() {
    let (origin, clone, first, second) = shallow();
    fs::remove_dir_all(origin.checkout.root.join(".git")).unwrap();
    let push = serde_json::json!({ "ref": "refs/heads/main", "before": first, "after": second }).to_string();
    let answer = clone.event(&push, &[]);
    assert_eq!(answer.evidence, "everything");
    assert!(answer.why.contains("cannot be fetched"), "{answer:?}");
}

#[test]
fn the_parents_of_a_shallow_merge_are_known() {
    let (origin, clone, first, second) = shallow();
    origin.git(&["checkout", "--quiet", "-b", "pull", &first]);
    origin.write("backend/python/minilm/server.py", "# pull\n");
    let head = origin.commit();
    origin.git(&["checkout", "--quiet", "main"]);
    origin.git(&["merge", "--quiet", "--no-ff", "--message", "x", "pull"]);
    clone.git(&["fetch", "--quiet", "--depth=1", "origin", "main"]);
    clone.git(&["checkout", "--quiet", "FETCH_HEAD"]);
    let event = serde_json::json!({ "pull_request": { "base": { "sha": first }, "head": { "sha": head } } });
    let answer = clone.event(&event.to_string(), &[]);
    assert_eq!((&*answer.evidence, &answer.backends()[..]), ("keys", &["minilm"][..]), "{answer:?}");
    assert!(answer.why.contains(&second[..7]), "the base is what it was merged into: {answer:?}");
}

#[test]
fn a_name_that_a_shallow_clone_lacks_is_said_to_be_one() {
    let (_origin, clone, first, _) = shallow();
    let ran = clone.run(&["affected", "--base", &first]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("this clone is shallow"), "{ran:?}");
}
