//! What used to be dropped without a word: lists that nobody knows, and entries that no rule places.

use super::Place;
use crate::checkout::{Checkout, Ran};

const LISTS: &str = "include:\n  - {backend: a, dockerfile: ./backend/Dockerfile.python, tag-suffix: -a}\n\
    includeDarwin: []\n";
/// As in a change of the format that was proposed.
const WINDOWS: &str = "includeWindows:\n  - {backend: a, tag-suffix: -w}\n  - {backend: b, tag-suffix: -x}\n";
const KOTLIN: &str = "  - {backend: k, dockerfile: ./backend/Dockerfile.kotlin, tag-suffix: -k}\n";

/// What is made of a matrix when nothing but a document changes.
fn run(place: &Place, matrix: &str, rules: &str, more: &[&str]) -> (Ran, String) {
    let event = place.write("e.json", super::PUSH);
    let (file, list) = (place.write("m.yml", matrix), place.write("f", "docs/a\n"));
    let _ = std::fs::remove_file(place.at("out"));
    let args = ["--matrix-file", &file, "--rules", rules, "--event-path", &event, "--changed-files", &list];
    let ran = place.run(&[&args[..], more].concat(), &[]);
    (ran, place.written())
}

#[test]
fn a_list_that_nobody_knows_is_an_error_unless_the_script_is_repeated() {
    let place = Place::new();
    for text in [
        format!("{LISTS}{WINDOWS}"),
        format!("{LISTS}'includeWindows':\n  - {{backend: a}}\n"),
        format!("includes: []\n{LISTS}"),
    ] {
        let (ran, written) = run(&place, &text, "localai-corrected", &[]);
        assert_eq!((ran.code, written.as_str()), (2, ""), "{ran:?}");
        let line =
            text.lines().position(|line| line.contains("includeW") || line.contains("includes:")).unwrap()
                + 1;
        assert!(ran.err.contains(&format!("m.yml:{line}:1")) && ran.err.contains("is not known"), "{ran:?}");
    }
    let (ran, written) = run(&place, &format!("{LISTS}{WINDOWS}"), "localai", &[]);
    assert!(
        ran.code == 0 && ran.err.contains("nothing would be built of its 2 entries; these rules drop it"),
        "{ran:?}"
    );
    assert_eq!(written, run(&place, LISTS, "localai", &[]).1, "to the byte");
}

#[test]
fn other_readers_of_a_matrix_know_no_more_lists() {
    let (checkout, place) = (Checkout::new(), Place::new());
    let row =
        "  - {backend: a, platforms: linux/amd64, tag-suffix: -a, dockerfile: ./backend/Dockerfile.python}\n";
    let file = place.write("m.yml", &format!("include:\n{row}includeDarwin: []\n{WINDOWS}"));
    for args in [&["import-matrix", &file, "--check"][..], &["check", "--matrix-file", &file]] {
        let ran = checkout.run(args);
        assert!(
            ran.code == 2 && ran.err.contains("includeWindows") && ran.err.contains("m.yml:4:"),
            "{args:?}: {ran:?}"
        );
    }
}

#[test]
fn an_entry_that_no_rule_places_is_always_built_unless_the_script_is_repeated() {
    let place = Place::new();
    let matrix = LISTS.replace("includeDarwin", &format!("{KOTLIN}includeDarwin"));
    let (ran, written) = run(&place, &matrix, "localai-corrected", &["--explain"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let row = r#""tag-suffix":"-k""#;
    assert!(written.contains(row) && !written.contains(r#""tag-suffix":"-a""#), "{written}");
    assert!(written.contains("\na=false\nk=true\n"), "{written}");
    let said = "no rule says where its sources are";
    let told = ran.err.lines().filter(|line| line.contains(said)).collect::<Vec<_>>();
    assert!(
        told.len() == 2 && told[0].contains("it is built whatever changes") && told[1].contains("build -k"),
        "{ran:?}"
    );

    let (ran, written) = run(&place, &matrix, "localai", &[]);
    assert_eq!(written, run(&place, LISTS, "localai", &[]).1, "to the byte");
    assert!(
        ran.err.contains("backend `k`: no rule says where its sources are; by these rules it is never built"),
        "{ran:?}"
    );
}

#[test]
fn a_directory_that_is_not_there_holds_no_sources() {
    let place = Place::new();
    // Nothing is known of directories outside of a checkout.
    let is_built =
        |tree: &str| run(&place, LISTS, "localai-corrected", &["--tree", tree]).1.contains(r#""-a""#);
    assert!(!is_built("nowhere"));
    place.write("tree/backend/python/other/server.py", "");
    assert!(is_built("tree"), "it would never be built again");
    place.write("tree/backend/python/a/server.py", "");
    assert!(!is_built("tree"));
}
