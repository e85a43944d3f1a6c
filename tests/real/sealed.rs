//! Sources, prefixes and tools in the cache are what was verified, or are not used.

use crate::checkout::Checkout;
use crate::child::{self, SHORT};
use crate::dependency;
use crate::gate::Gate;
use camino::Utf8Path;
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const BUILD: [&str; 2] = ["build-backend", "tiny"];

/// Writes over a file that nobody may write to, without a trace in its size or date.
fn spoil(file: &Utf8Path, old: &str, new: &str) {
    let meta = fs_err::metadata(file).unwrap();
    assert_eq!(meta.permissions().mode() & 0o222, 0, "{file} can be written");
    let text = fs_err::read_to_string(file).unwrap();
    assert!(text.contains(old) && old.len() == new.len());
    fs_err::set_permissions(file, PermissionsExt::from_mode(0o644)).unwrap();
    fs_err::write(file, text.replace(old, new)).unwrap();
    fs_err::set_permissions(file, meta.permissions()).unwrap();
    fs_err::File::open(file).unwrap().file().set_modified(meta.modified().unwrap()).unwrap();
}

fn said(checkout: &Checkout) -> String {
    child::run(Command::new(checkout.package("tiny").join("run")), SHORT).expect(0).out
}

#[test]
fn a_source_that_somebody_edited_is_fetched_again() {
    let checkout = Checkout::tiny();
    checkout.xtask(&BUILD).expect(0).says("built tiny");
    let before = said(&checkout);
    let file = checkout.cached("sources", "greeting-").join("hello.cpp");
    spoil(&file, "return", "RETURN");
    checkout.xtask(&["cache", "verify"]).expect(4).says("hello.cpp: was changed since it was verified");
    checkout.edit("backend/cpp/tiny/src/answer.cpp", "return", " return");
    checkout
        .xtask(&BUILD)
        .expect(0)
        .says("hello.cpp was changed since greeting was verified")
        .says("built tiny");
    assert_eq!(said(&checkout), before);
    checkout.xtask(&["cache", "verify"]).expect(0).says("sound: ");
}

#[test]
fn a_source_stays_while_it_is_used_and_an_edit_meanwhile_is_not_kept() {
    let checkout = Checkout::tiny();
    let gate = Gate::new(&checkout.cache);
    let setting = gate.setting();
    let building = checkout.start(&[&BUILD[..], &["--compiler-cache", "off", "--set", &setting]].concat());
    let held = gate.wait();

    // A checkout that wants nothing of it.
    let other = checkout.clone_to("other");
    let sources = other.root.join("backend/sources.yaml");
    let text = fs_err::read_to_string(&sources).unwrap();
    fs_err::write(&sources, text.replace("tree: 8168", "tree: 9168")).unwrap();
    let collect = ["cache", "gc", "--grace", "0s"];
    other.xtask(&collect).expect(0).says("1 kept because they are in use");
    let tree = checkout.cached("sources", "greeting-");
    spoil(&tree.join("name.cpp"), "return", "RETURN");

    // Who would replace it waits, and can be told not to.
    let third = checkout.clone_to("third");
    let mut waiting = third.start(&[&BUILD[..], &["--compiler-cache", "off"]].concat());
    waiting.until("waiting for the builds that use greeting");
    waiting.signal(Signal::INT);
    waiting.finish().expect(130).says("stopped");

    drop(held);
    building.finish().expect(0).says("name.cpp was changed while this was built").says("built tiny");
    let listed = checkout.xtask(&["cache", "ls"]).expect(0).out;
    assert!(!listed.contains("tiny"), "{listed}");
    checkout.xtask(&collect).expect(0);
    assert!(tree.exists(), "it is wanted");
    other.xtask(&collect).expect(0).says(tree.as_str());
    assert!(!tree.exists());
}

#[test]
fn a_prefix_that_somebody_edited_is_restored() {
    let checkout = dependency::checkout();
    let build = [&BUILD[..], &["--grpc", "registry"]].concat();
    checkout.xtask(&build).expect(0).says("built tiny");
    spoil(&checkout.cached("deps", "grpc").join("include/prefix.h"), "int", "INT");
    checkout.xtask(&["cache", "verify"]).expect(4).says("prefix.h: was changed");
    checkout.edit("backend/cpp/tiny/src/answer.cpp", "return", " return");
    checkout
        .xtask(&build)
        .expect(0)
        .says("prefix.h was changed since it was built")
        .says("restored grpc")
        .says("built tiny");
    checkout.xtask(&["cache", "verify"]).expect(0);
}

#[test]
fn a_tool_that_somebody_edited_is_installed_again() {
    let checkout = Checkout::tiny();
    let ninja = checkout.cached("tools", "ninja-");
    // A copy instead of a link to everybody's.
    let everybodys = fs_err::read_link(&ninja).unwrap();
    fs_err::remove_file(&ninja).unwrap();
    assert!(Command::new("cp").arg("-R").arg(everybodys).arg(&ninja).status().unwrap().success());
    checkout.xtask(&BUILD).expect(0).says("built tiny");
    spoil(&ninja.join("pyvenv.cfg"), "home", "HOME");
    checkout.edit("backend/cpp/tiny/src/answer.cpp", "return", " return");
    checkout
        .xtask(&BUILD)
        .expect(0)
        .says("pyvenv.cfg was changed since ninja was installed")
        .says("install ninja")
        .says("built tiny");
    checkout.xtask(&["cache", "verify"]).expect(0);
}
