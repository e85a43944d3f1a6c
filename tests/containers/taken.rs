//! Machines that share nothing but a registry: what one published, another takes instead of building it.

use crate::checkout::listing;
use crate::child::{self, LONG, Run};
use crate::prepared::{Prepared, image_tag};
use crate::runner::{BACKENDS, CACHE, Runner};
use crate::trust::key;

/// Asks for the backend as somebody would who has not said how to build.
#[track_caller]
fn ask(runner: &Runner, repository: &str, more: &[&str]) -> Run {
    let registry = runner.repository(repository);
    let mut command = runner.command(&[&["build-backend", "tiny", "--registry", &registry], more].concat());
    command.env_remove("XTASK_BUILD");
    child::run(command, LONG)
}

#[test]
fn a_machine_takes_what_another_published_and_believes_who_signed_it() {
    let prepared = Prepared::get();
    let registry = Prepared::registry();
    let mut first = Runner::tiny(&registry);
    first.without_docker();
    ask(&first, CACHE, &[]).expect(0).says("pulled tiny");
    assert_eq!(listing(&first.package()), prepared.package);
    ask(&first, CACHE, &[]).expect(0).says("nothing to do");

    // It goes on as a file, and is signed when it is kept under its key.
    let (key, trust) = key(&first.checkout.root.join(".."));
    let tar = first.checkout.root.join("../tiny.tar");
    ask(&first, CACHE, &["--output", tar.as_str()]).expect(0);
    let (backends, signed) = (registry.repository(BACKENDS), registry.repository("signed"));
    let push = ["ci", "push", tar.as_str(), "--publish-to", &backends, "--registry", &signed];
    let mut command = first.command(&push);
    command.env("XTASK_SIGNING_KEY", &key);
    child::run(command, LONG).expect(0).says("pushed sha256:");
    assert!(registry.tags("signed").contains(&image_tag(&registry)));

    let mut second = first.another(&registry);
    second.without_docker();
    second.checkout.edit("backend/variants.yaml", "registry:\n", &trust);
    let refused = ask(&second, CACHE, &["--dry-run"]).expect(0);
    refused.says("is not used: nobody says who made it").says("would be built");
    ask(&second, "signed", &[]).expect(0).says("pulled tiny");
    assert_eq!(listing(&second.package()), prepared.package);
}
