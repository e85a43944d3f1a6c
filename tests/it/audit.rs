//! `audit` where no registry is asked.

use crate::checkout::Checkout;

#[test]
fn without_a_registry_the_promises_are_listed() {
    let checkout = Checkout::new();
    let ran = checkout.run(&["audit"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let line = ran.out.lines().find(|line| line.starts_with("-cpu-llama-cpp ")).unwrap();
    assert!(line.ends_with(" linux/amd64 linux/arm64"), "{line}");
    assert!(ran.err.contains("no registry was asked"), "{ran:?}");
    let promises: serde_json::Value = serde_json::from_str(&checkout.out(&["audit", "--json"])).unwrap();
    assert_eq!(promises.as_array().unwrap().len(), ran.out.lines().count());
    let mac = promises
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["suffix"] == "-metal-darwin-arm64-llama-cpp")
        .unwrap();
    assert_eq!(mac["legs"]["darwin/arm64"]["key"].is_null(), !cfg!(target_os = "macos"));
    assert!(!promises.to_string().contains("null,\"floats\":true"), "Python is built in containers");
}

#[test]
fn what_cannot_be_asked_is_refused_before_anything_is() {
    let checkout = Checkout::new();
    let refused = |args: &[&str], why: &str| {
        let ran = checkout.run(&[&["audit"], args].concat());
        assert!(ran.code == 2 && ran.err.contains(why), "{args:?}: {ran:?}");
    };
    refused(&["--registry", "--offline"], "cannot be asked with --offline");
    refused(&["--registry", "--tag", "a b"], "is not a tag");
    refused(&["--registry", "--channel", "lates"], "similar value exists: 'latest'");
    refused(&["--tag", "v1"], "--registry");
    refused(&["--registry", "--tag", "v1", "--channel", "latest"], "cannot be used with");
}

#[test]
fn a_gallery_is_written_from_registries_alone() {
    let checkout = Checkout::new();
    let refused = |args: &[&str], why: &str| {
        let ran = checkout.run(&[&["gallery"], args].concat());
        assert!(ran.code == 2 && ran.err.contains(why), "{args:?}: {ran:?}");
    };
    refused(&["--offline"], "cannot be asked with --offline");
    refused(&["--tag", "a b", "--dry-run"], "is not a tag");
    refused(&["--chek", "x"], "--check");
    checkout.write("no.yaml", "- name: [a]\n");
    refused(&["--check", "no.yaml"], "no.yaml: it is no gallery index");
}
