//! One cache, several users: processes that want the same unit, a cache that cannot be written, one that is full.

use crate::checkout::{Checkout, lend_tools, listing, temporary};
use crate::child::{self, SHORT};
use crate::gate::Gate;
use std::process::Command;

#[test]
fn of_two_processes_one_builds_and_the_other_restores() {
    let first = Checkout::tiny();
    let second = first.clone_to("elsewhere/checkout");
    let gate = Gate::new(&first.cache);
    let setting = gate.setting();
    let args = ["build-backend", "tiny", "--compiler-cache", "off", "--set", &setting];
    let building = first.start(&args);
    let held = gate.wait();
    let mut waiting = second.start(&args);
    waiting.until("waiting for another build of tiny");
    drop(held);
    building.finish().expect(0).says("built tiny");
    waiting.finish().expect(0).says("restored tiny");
    assert_eq!(listing(&first.package("tiny")), listing(&second.package("tiny")));
    first.xtask(&["cache", "verify"]).expect(0).says("1 packages");
}

#[test]
fn a_read_only_cache_serves_and_costs_no_build() {
    let checkout = Checkout::tiny();
    checkout.xtask(&["build-backend", "tiny"]).expect(0).says("built tiny");
    let before = listing(&checkout.cache);

    let other = checkout.clone_to("other");
    read_only(&other, &["build-backend", "tiny"]).expect(0).says("restored tiny");

    checkout.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return 43");
    read_only(&checkout, &["build-backend", "tiny"])
        .expect(0)
        .says("warning: ")
        .says("read-only")
        .says("built tiny");
    let answer = child::run(Command::new(checkout.package("tiny").join("run")), SHORT).expect(0).out;
    assert!(answer.contains("43"), "{answer}");
    assert_eq!(listing(&checkout.cache), before);
}

/// Runs xtask with its cache mounted read-only, which holds for root too.
#[track_caller]
fn read_only(checkout: &Checkout, args: &[&str]) -> child::Run {
    let script = "cache=$1; shift 2; mount --bind \"$cache\" \"$cache\"; mount -o remount,bind,ro \"$cache\"; exec \"$@\"";
    mounted(checkout, script, args)
}

#[test]
fn a_full_cache_costs_no_build() {
    let mut checkout = Checkout::tiny();
    let (_dir, small) = temporary();
    checkout.cache = small;
    // Enough for what is looked up, not for the build nor its package.
    let script = "cache=$1; tools=$2; shift 2; mount -t tmpfs -o size=8m none \"$cache\"; \
                  cp -RP \"$tools/v1\" \"$cache\"; \
                  \"$@\" --dry-run; head -c 7500k /dev/zero > \"$cache/filler\"; \"$@\"; \
                  rm \"$cache/filler\"; \"$1\" cache verify";
    let full = mounted(&checkout, script, &["build-backend", "tiny"]).expect(0);
    let full = full
        .says("MiB are free at")
        .says("building in")
        .says("the package was not cached")
        .says("no space left");
    full.says("built tiny").says("sound: 0 packages");
    child::run(Command::new(checkout.package("tiny").join("run")), SHORT).expect(0);
}

#[track_caller]
fn mounted(checkout: &Checkout, script: &str, args: &[&str]) -> child::Run {
    let (_dir, tools) = temporary();
    lend_tools(&tools);
    child::run(checkout.mounted(script, &[checkout.cache.as_str(), tools.as_str()], args), SHORT)
}
