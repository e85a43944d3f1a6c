//! What a merge refuses before it asks any registry.

use crate::checkout::{Checkout, Ran, ran};
use std::fs;

/// Nobody listens at port 1: what gets there fails with another message.
const NOWHERE: &str = "127.0.0.1:1/x";

fn merge(checkout: &Checkout, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let mut all = vec!["merge", "--registry", NOWHERE, "--publish-to", NOWHERE];
    all.extend(args);
    ran(checkout.command(&all).envs(env.iter().copied()))
}

#[test]
fn what_can_be_merged_is_listed() {
    let checkout = Checkout::new();
    let listed = checkout.out(&["merge", "--list"]);
    assert!(listed.contains("-cpu-llama-cpp"), "{listed}");
    let groups: serde_json::Value =
        serde_json::from_str(&checkout.out(&["merge", "--list", "--json"])).unwrap();
    let suffixes: Vec<&str> =
        groups.as_array().unwrap().iter().map(|group| group["suffix"].as_str().unwrap()).collect();
    assert_eq!(suffixes.len(), listed.lines().count());
    assert!(suffixes.contains(&"-cpu-llama-cpp"), "{suffixes:?}");
}

#[test]
fn wrong_arguments_say_what_is_right() {
    let checkout = Checkout::new();
    fs::create_dir(checkout.dir().join("digests")).unwrap();
    fs::write(checkout.dir().join("digests/readme"), "").unwrap();
    let digests = checkout.dir().join("digests");
    let suffix = ["--tag-suffix", "-cpu-llama-cpp"];
    let table: [(&[&str], &str); 6] = [
        (&["--tag", "v1"], "--tag-suffix"),
        (&["--tag-suffix", "-cpu-lama-cpp", "--tag", "v1"], "did you mean `-cpu-llama-cpp`?"),
        (&["--tag-suffix", "cpu", "--tag", "v1"], "is not a tag suffix"),
        (&[suffix[0], suffix[1]], "pass --tag"),
        (&[suffix[0], suffix[1], "--tag", "a b"], "--tag a b: "),
        (
            &[suffix[0], suffix[1], "--tag", "v1", "--digests", digests.to_str().unwrap()],
            "readme is not named by a digest",
        ),
    ];
    for (args, expected) in table {
        let ran = merge(&checkout, args, &[]);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains(expected), "{args:?}: {ran:?}");
    }
}

#[test]
fn pull_requests_publish_nothing() {
    let checkout = Checkout::new();
    let args = ["--tag-suffix", "-cpu-llama-cpp", "--tag", "v1"];
    for event in ["pull_request", "pull_request_target", "merge_group", "release"] {
        let ran = merge(&checkout, &args, &[("GITHUB_EVENT_NAME", event), ("GITHUB_ACTIONS", "true")]);
        assert_eq!(ran.code, 2, "{event}: {ran:?}");
        assert!(ran.err.contains("nothing may be published here"), "{event}: {ran:?}");
    }
}

#[test]
fn what_was_not_reviewed_publishes_nothing() {
    let checkout = Checkout::new();
    let file = checkout.dir().join("event.json");
    fs::write(&file, r#"{"repository": {"default_branch": "main"}}"#).unwrap();
    let args = ["--tag-suffix", "-cpu-llama-cpp", "--tag", "latest"];
    for event in ["push", "workflow_dispatch"] {
        for at in ["refs/heads/topic", "refs/tags/main", "refs/tags/v9.9.9"] {
            let ran = merge(
                &checkout,
                &args,
                &[
                    ("GITHUB_EVENT_NAME", event),
                    ("GITHUB_ACTIONS", "true"),
                    ("GITHUB_REF", at),
                    ("GITHUB_REF_PROTECTED", "false"),
                    ("GITHUB_EVENT_PATH", file.to_str().unwrap()),
                ],
            );
            assert_eq!(ran.code, 2, "{event} {at}: {ran:?}");
            assert!(ran.err.contains("neither the default branch nor a protected tag"), "{at}: {ran:?}");
        }
    }
}

#[test]
fn a_missing_cosign_is_noticed_before_anything_is_published() {
    let checkout = Checkout::new();
    let args = ["--tag-suffix", "-cpu-llama-cpp", "--tag", "v1", "--sign"];
    let ran = merge(&checkout, &args, &[("PATH", "/nonexistent")]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("cosign is not on PATH"), "{ran:?}");
}

#[test]
fn a_merge_needs_the_network() {
    let checkout = Checkout::new();
    let hex = "a".repeat(64);
    fs::create_dir(checkout.dir().join("digests")).unwrap();
    fs::write(checkout.dir().join("digests").join(&hex), "").unwrap();
    let digests = checkout.dir().join("digests");
    let args = [
        "--offline",
        "--tag-suffix",
        "-cpu-llama-cpp",
        "--tag",
        "v1",
        "--digests",
        digests.to_str().unwrap(),
    ];
    let ran = merge(&checkout, &args, &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("--offline"), "{ran:?}");
}
