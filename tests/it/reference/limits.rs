//! Lists that GitHub would not run.

use super::Place;

/// A matrix of so many rows in either list.
fn matrix(linux: usize, tagged: bool, darwin: usize) -> String {
    let tag = if tagged { ", platform-tag: amd64" } else { "" };
    let row = |n: usize| format!("  - {{backend: a, dockerfile: python, tag-suffix: -{n}{tag}}}\n");
    let mac = |n: usize| format!("  - {{backend: a, tag-suffix: -m{n}}}\n");
    let list = |name: &str, rows: Vec<String>| match &rows[..] {
        [] => format!("{name}: []\n"),
        rows => format!("{name}:\n{}", rows.concat()),
    };
    list("include", (0..linux).map(row).collect()) + &list("includeDarwin", (0..darwin).map(mac).collect())
}

#[test]
fn a_list_of_any_kind_that_github_would_not_run_is_refused() {
    let place = Place::new();
    // Nothing is known of the event, so that every row is a job.
    let event = place.write("e.json", "{}");
    let run = |text: &str, rules: &str| {
        let file = place.write("m.yml", text);
        place.run(&["--matrix-file", &file, "--rules", rules, "--event-path", &event], &[])
    };
    for rules in ["localai", "localai-corrected"] {
        for (text, key) in [
            (matrix(300, true, 0), "matrix-multiarch"),
            (matrix(256, true, 0), "matrix-multiarch"),
            (matrix(1, false, 256), "matrix-darwin"),
            (matrix(1021, false, 0), "matrix-singlearch-1"),
        ] {
            let ran = run(&text, rules);
            assert_eq!((ran.code, place.written().as_str()), (2, ""), "{key}: {ran:?}");
            assert!(ran.err.contains(&format!("the matrix `{key}` has ")), "{key}: {ran:?}");
        }
        for text in [matrix(255, true, 255), matrix(1020, false, 1)] {
            let ran = run(&text, rules);
            assert_eq!(ran.code, 0, "{ran:?}");
            std::fs::remove_file(place.at("out")).unwrap();
        }
    }
}
