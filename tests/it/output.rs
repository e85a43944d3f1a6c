//! What is printed, for people and for programs, and to readers that go away.

use crate::checkout::Checkout;
use serde_json::Value;
use std::fs::File;
use std::process::Stdio;

/// The events of a run that must have printed nothing else.
fn events(checkout: &Checkout, args: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = args.iter().copied().chain(["--message-format", "json"]).collect();
    let ran = checkout.run(&all);
    assert_eq!(ran.err, "", "{args:?}");
    ran.out
        .lines()
        .map(|line| {
            let event: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{args:?}: {line}: {error}"));
            assert!(event["event"].is_string(), "{args:?}: {line}");
            event
        })
        .collect()
}

#[test]
fn every_line_is_an_event_if_asked_for() {
    let checkout = Checkout::new();
    checkout.pretend_built("llama-cpp");
    let commands: [&[&str]; 14] = [
        &["build-backend", "llama-cpp", "--no-cache", "--dry-run"],
        &["build-backend", "--all", "--dry-run"],
        &["build-backend", "nope"],
        &["plan", "llama-cpp"],
        &["why", "llama-cpp"],
        &["hash", "llama-cpp"],
        &["list"],
        &["sources"],
        &["doctor"],
        &["clean", "--dry-run"],
        &["generate", "--check"],
        &["cache", "path"],
        &["cache", "ls"],
        &["cache", "stat"],
    ];
    for args in commands {
        assert!(!events(&checkout, args).is_empty(), "{args:?} says nothing");
    }
}

#[test]
fn the_events_of_a_dry_run_are_stable() {
    let checkout = Checkout::new();
    let args = ["build-backend", "llama-cpp", "--dry-run", "--flavor", "fallback"];
    let events = events(&checkout, &args);
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["note", "note", "note", "note", "note", "note", "note", "unit", "done"]);
    let unit = &events[7];
    let mut fields: Vec<&str> = unit.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["ccache", "event", "image", "key", "layers", "package", "result", "seconds", "unit"]);
    assert_eq!(unit["unit"]["backend"], "llama-cpp");
    assert_eq!(unit["key"], checkout.hash(&["llama-cpp", "--flavor", "fallback"]).as_str());
}

#[test]
fn an_error_is_an_event_too() {
    let events = events(&Checkout::new(), &["hash", "nope"]);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["event"], "error");
}

#[test]
fn lists_are_json_if_asked_for() {
    let checkout = Checkout::new();
    let list: Value = serde_json::from_str(&checkout.out(&["list", "--json"])).unwrap();
    let names: Vec<&str> = list.as_array().unwrap().iter().map(|b| b["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["llama-cpp", "local-store", "minilm"]);
    insta::assert_snapshot!(checkout.out(&["list"]));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let checkout = Checkout::new();
    for args in [&["list"][..], &["plan", "llama-cpp", "--json"], &["completions", "zsh"], &["--help"]] {
        let mut child = checkout.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && said.is_empty(), "{args:?}: {:?} {said}", ended.status);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_is_lost_is_an_error() {
    let checkout = Checkout::new();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let ended = checkout.command(&["list"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("cannot write to standard output"));
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let checkout = Checkout::new();
    let escape = '\u{1b}';
    let said = |args: &[&str]| checkout.run(args).err;
    assert!(!said(&["hash", "nope"]).contains(escape));
    assert!(said(&["hash", "nope", "--color", "always"]).contains(escape));
    assert!(!said(&["hash", "nope", "--color", "never"]).contains(escape));
}

#[test]
fn quiet_is_one_line() {
    let checkout = Checkout::new();
    let said = checkout.run(&["build-backend", "llama-cpp", "--dry-run", "-q"]).err;
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("done: would build llama-cpp"), "{said}");
}

#[test]
fn github_gets_annotations() {
    let checkout = Checkout::new();
    let mut command = checkout.command(&["hash", "nope"]);
    let ran = crate::checkout::ran(command.env("CI", "true").env("GITHUB_ACTIONS", "true"));
    assert!(ran.err.starts_with("::error::there is no backend"), "{ran:?}");
}
