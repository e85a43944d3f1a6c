//! `why`: names what changed since the last build.

use crate::checkout::Checkout;
use serde_json::Value;
use std::fs;

const MAIN: &str = "backend/cpp/llama-cpp/src/main.cpp";

#[test]
fn before_the_first_build_there_is_nothing_to_compare() {
    let checkout = Checkout::new();
    assert!(checkout.out(&["why", "llama-cpp"]).contains("never built with this cache"));
    let json: Value = serde_json::from_str(&checkout.out(&["why", "llama-cpp", "--json"])).unwrap();
    assert_eq!(json["answer"]["state"], "never");
}

#[test]
fn every_kind_of_change_is_named() {
    type Edit = fn(&Checkout);
    let edits: [(Edit, &str); 7] = [
        (|c| c.write(MAIN, "int main() { return 1; }\n"), "file backend/cpp/llama-cpp/src/main.cpp: "),
        (
            |c| c.write("backend/cpp/llama-cpp/src/new.cpp", ""),
            "file backend/cpp/llama-cpp/src/new.cpp: added",
        ),
        (|c| fs::remove_file(c.root.join(MAIN)).unwrap(), "file backend/cpp/llama-cpp/src/main.cpp: removed"),
        (|c| c.replace("backend/sources.yaml", "2222", "3333"), "source llama.cpp: "),
        (|c| c.replace("backend/patches/llama.cpp/one.patch", "int b", "int c"), "source llama.cpp: "),
        (
            |c| c.replace("backend/cpp/llama-cpp/backend.yaml", "\"ON\"", "\"OFF\""),
            "step configure-native: --DDEMO_FAST=ON +-DDEMO_FAST=OFF",
        ),
        (|c| c.replace("backend/cpp/llama-cpp/backend.yaml", "[native]", "[fallback]"), "flavors"),
    ];
    for (edit, named) in edits {
        let checkout = Checkout::new();
        checkout.pretend_built("llama-cpp");
        let first = checkout.out(&["why", "llama-cpp"]);
        assert!(first.contains("nothing changed since the last build, the first one"), "{first}");
        edit(&checkout);
        let second = checkout.out(&["why", "llama-cpp"]);
        assert!(
            second.contains("changed since the last build (") && second.contains(named),
            "{named}: {second}"
        );
        checkout.pretend_built("llama-cpp");
        let third = checkout.out(&["why", "llama-cpp"]);
        assert!(third.contains("it was built because") && third.contains(named), "{named}: {third}");
    }
}

#[test]
fn one_edit_is_one_change_and_the_json_says_the_same() {
    let checkout = Checkout::new();
    checkout.pretend_built("llama-cpp");
    checkout.write(MAIN, "int main() { return 1; }\n");
    let json: Value = serde_json::from_str(&checkout.out(&["why", "llama-cpp", "--json"])).unwrap();
    assert_eq!(json["answer"]["state"], "changed");
    let changes = json["answer"]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{json:#}");
    assert_eq!((&changes[0]["group"], &changes[0]["what"]), (&"inputs".into(), &MAIN.into()));
}

#[test]
fn what_was_taken_is_compared_with_what_is_published() {
    let checkout = Checkout::new();
    checkout.pretend_built_as(&["llama-cpp", "--realm", "container", "--published"]);
    let taken = checkout.out(&["why", "llama-cpp"]);
    assert!(taken.contains("as it is published") && taken.contains("nothing changed"), "{taken}");
    checkout.write(MAIN, "int main() { return 1; }\n");
    let json: Value = serde_json::from_str(&checkout.out(&["why", "llama-cpp", "--json"])).unwrap();
    assert_eq!((&json["published"], &json["answer"]["changes"][0]["what"]), (&true.into(), &MAIN.into()));
    assert_eq!(json["answer"]["changes"].as_array().unwrap().len(), 1, "{json:#}");
    // Who built since then is told of that.
    checkout.pretend_built("llama-cpp");
    assert!(!checkout.out(&["why", "llama-cpp"]).contains("as it is published"));
}

#[test]
fn a_document_that_is_gone_is_said_so() {
    let checkout = Checkout::new();
    checkout.pretend_built("llama-cpp");
    checkout.out(&["cache", "gc", "--budget", "0", "--grace", "0s"]);
    checkout.write(MAIN, "int main() { return 1; }\n");
    let answer = checkout.out(&["why", "llama-cpp"]);
    assert!(answer.contains("no longer in the cache") || answer.contains("never built"), "{answer}");
}
