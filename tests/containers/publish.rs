//! What is written to registries, and by whom.

use crate::prepared::Prepared;
use crate::runner::{BACKENDS, CACHE, Runner};
use crate::testbed::Registry;
use std::process::Command;

/// Makes a command part of a pull request.
fn in_pull_request(command: &mut Command, runner: &Runner, head: &str) {
    let payload = runner.checkout.root.join("../event.json");
    let text = format!(
        r#"{{"number": 7, "repository": {{"full_name": "o/r", "default_branch": "main"}},
            "pull_request": {{"head": {{"repo": {{"full_name": "{head}"}}}}, "base": {{"repo": {{"full_name": "o/r"}}}}}}}}"#
    );
    fs_err::write(&payload, text).unwrap();
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "pull_request");
    command.env("GITHUB_EVENT_PATH", payload).env("GITHUB_REPOSITORY", "o/r");
    command.env("GITHUB_REF", "refs/pull/7/merge");
}

#[test]
fn a_pull_request_leaves_the_registry_as_it_was() {
    Prepared::get();
    let registry = Prepared::registry();
    let before = registry.snapshot();
    let runner = Runner::tiny(&registry);
    runner.checkout.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return 43");
    let mut command = runner.building(&["--push"]);
    in_pull_request(&mut command, &runner, "somebody/fork");
    let built =
        crate::child::run(command, crate::child::LONG).expect(0).says("built tiny").says("never written");
    // It reads what is there all the same.
    assert!(built.line("done: ").contains("1 compiled"), "{}", built.err);
    assert_eq!(registry.snapshot(), before);
}

#[test]
fn two_registries_get_one_digest() {
    let elsewhere = Registry::start();
    Prepared::get();
    let registry = Prepared::registry_without_image();
    let runner = Runner::tiny(&registry);
    let (here, there) = (registry.repository(BACKENDS), elsewhere.repository("mirror/backends"));
    let digests = runner.checkout.root.join("../digests");
    runner
        .build(&["--push", "--publish-to", &here, &there, "--digests", digests.as_str()])
        .expect(0)
        .says("built tiny");
    let notes: Vec<String> =
        digests.read_dir_utf8().unwrap().map(|entry| entry.unwrap().file_name().to_owned()).collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    for name in [here, there, registry.repository(CACHE)] {
        let image = format!("{name}@sha256:{}", notes[0]);
        let shown = runner.builder.docker(&["buildx", "imagetools", "inspect", &image]).expect(0).out;
        assert!(shown.contains(&notes[0]), "{shown}");
    }
    let tag = crate::prepared::image_tag(&registry);
    assert_eq!(registry.digest(CACHE, &tag), format!("sha256:{}", notes[0]));
}
