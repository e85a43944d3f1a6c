//! Machines that share nothing but a registry: what one published, another takes instead of building it.

use crate::checkout::listing;
use crate::child::{self, LONG, Run};
use crate::prepared::{Prepared, image_tag};
use crate::runner::{BACKENDS, CACHE, Runner};
use crate::testbed::Registry;
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

#[test]
fn a_bundle_carries_what_is_published_to_a_registry_of_another_network() {
    let prepared = Prepared::get();
    let (online, offline) = (Prepared::registry(), Registry::start());
    let machine = Runner::tiny(&online);
    let bundle = machine.checkout.root.join("../bundle.tar");
    let cache = online.repository(CACHE);
    machine
        .xtask(&["bundle", "tiny", "--registry", &cache, "--output", bundle.as_str()])
        .expect(0)
        .says("from sha256:");

    let mut other = machine.another(&offline);
    other.without_docker();
    let (backends, index) = (offline.repository(BACKENDS), bundle.with_file_name("index.yaml"));
    let push = ["bundle", "--from", bundle.as_str(), "--push", &backends, "--gallery", index.as_str()];
    other.xtask(&push).expect(0).says("pushed 1 images");
    assert!(offline.tags(BACKENDS).contains("latest-cpu-tiny"));
    let index = fs_err::read_to_string(index).unwrap();
    assert!(index.contains(&format!("oci://{backends}:latest-cpu-tiny")), "{index}");
    ask(&other, BACKENDS, &[]).expect(0).says("pulled tiny");
    assert_eq!(listing(&other.package()), prepared.package);
}
