//! Builds that fail, are stopped, or read what they did not declare.

use crate::checkout::{Checkout, lend_tools};
use crate::child::{self, SHORT};
use crate::gate::Gate;
use crate::system::{all_end, processes};
use rustix::process::{Signal, kill_process};
use std::io::ErrorKind;
use std::net::TcpListener;

const BUILD: [&str; 2] = ["build-backend", "tiny"];

#[test]
fn a_compile_error_shows_itself_and_leaves_the_previous_package() {
    let checkout = Checkout::tiny();
    checkout.xtask(&BUILD).expect(0);
    let before = fs_err::read(checkout.package("tiny").join("package.json")).unwrap();
    checkout.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return forty_two");
    let failed =
        checkout.xtask(&BUILD).expect(1).says("step `build-fallback`").says("‘forty_two’ was not declared");
    let log = failed.line("full log: ").trim_start().trim_start_matches("full log: ");
    assert!(fs_err::read_to_string(log).unwrap().contains("forty_two"), "the log {log} holds the error");
    assert_eq!(fs_err::read(checkout.package("tiny").join("package.json")).unwrap(), before);
    checkout.edit("backend/cpp/tiny/src/answer.cpp", "return forty_two", "return 42");
    checkout.xtask(&BUILD).expect(0).says("nothing to do");
}

#[test]
fn a_setting_that_nothing_reads_is_refused_after_cmake_has_said_so() {
    let checkout = Checkout::tiny();
    let refused = checkout.xtask(&["build-backend", "tiny", "--set", "TINY_GAET=x"]).expect(2);
    refused.says("--set TINY_GAET: nothing that tiny").says("is compiled from reads it");
    assert!(!checkout.xtask(&["cache", "ls"]).expect(0).out.contains("tiny"));
}

#[test]
fn a_killed_compiler_is_told_from_an_error_in_the_source() {
    let checkout = Checkout::tiny();
    let gate = Gate::new(&checkout.cache);
    // Without a compiler cache the compiler runs once, so one is killed and no other takes its place.
    let build =
        checkout.start(&["build-backend", "tiny", "--compiler-cache", "off", "--set", &gate.setting()]);
    let _held = gate.wait();
    let compilers: Vec<_> =
        processes(gate.mark()).into_iter().filter(|(_, name)| name == "cc1plus").collect();
    assert_eq!(compilers.len(), 1, "{compilers:?}");
    kill_process(compilers[0].0, Signal::KILL).unwrap();
    build.finish().expect(1).says("a compiler was killed").says("try fewer --jobs").says("full log: ");
    checkout.xtask(&["cache", "verify"]).expect(0);
    checkout.xtask(&BUILD).expect(0).says("built tiny");
}

#[test]
fn ctrl_c_leaves_no_compiler_and_a_sound_cache() {
    let checkout = Checkout::tiny();
    let gate = Gate::new(&checkout.cache);
    let setting = gate.setting();
    let args = ["build-backend", "tiny", "--set", &setting];
    for signal in [Signal::INT, Signal::TERM] {
        let build = checkout.start(&args);
        let held = gate.wait();
        let running = processes(gate.mark());
        assert!(running.iter().any(|(_, name)| name == "cc1plus"), "{running:?}");
        build.signal(signal);
        build.finish().expect(130).says("stopped");
        all_end(gate.mark());
        drop(held);
        assert!(!checkout.package("tiny").exists());
        let work = checkout.cache.join("v1/scratch/work");
        assert_eq!(fs_err::read_dir(work).unwrap().count(), 0, "a build directory stayed");
        checkout.xtask(&["cache", "verify"]).expect(0).says("0 packages");
    }
    checkout.xtask(&BUILD).expect(0).says("built tiny");
}

#[test]
fn a_killed_xtask_leaves_no_compiler() {
    let checkout = Checkout::tiny();
    let gate = Gate::new(&checkout.root);
    let build = checkout.start(&["build-backend", "tiny", "--set", &gate.setting()]);
    let _held = gate.wait();
    assert!(processes(gate.mark()).iter().any(|(_, name)| name == "cc1plus"));
    build.signal(Signal::KILL);
    build.finish().expect(137);
    all_end(gate.mark());
}

#[test]
fn an_undeclared_input_fails_a_strict_build_and_names_the_line_to_add() {
    let checkout = Checkout::tiny();
    checkout.edit(
        "backend/cpp/tiny/backend.yaml",
        "    - backend/cpp/tiny/src/**\n",
        "    - backend/cpp/tiny/src/*.cpp\n",
    );
    let header = "backend/cpp/tiny/src/answer.h";
    let line = format!("  - {header}");
    let refused = checkout.xtask(&["build-backend", "tiny", "--strict"]).expect(1);
    let refused =
        refused.says(&format!("the build reads {header}")).says("backend/cpp/tiny/backend.yaml").says(&line);
    assert!(!checkout.package("tiny").exists(), "{}", refused.err);

    // Otherwise it is built, with a warning, and never saved: the key does not know of the file.
    for _ in 0..2 {
        checkout.xtask(&BUILD).expect(0).says(&line).says("will not be cached").says("built tiny");
    }
    checkout.xtask(&["cache", "ls"]).expect(0).says("0 packages");

    checkout.edit("backend/cpp/tiny/backend.yaml", "src/*.cpp\n", &format!("src/*.cpp\n  {line}\n"));
    checkout.xtask(&["build-backend", "tiny", "--strict"]).expect(0).says("built tiny");
    checkout.xtask(&BUILD).expect(0).says("nothing to do");
}

/// How many build directories a cache has.
fn work(checkout: &Checkout) -> usize {
    fs_err::read_dir(checkout.cache.join("v1/scratch/work")).map_or(0, Iterator::count)
}

#[test]
fn the_next_build_collects_what_a_killed_one_left() {
    let checkout = Checkout::tiny();
    let gate = Gate::new(&checkout.root);
    for collect in [&BUILD[..], &["cache", "gc"], &["clean"]] {
        let build = checkout.start(&["build-backend", "tiny", "--set", &gate.setting()]);
        let _held = gate.wait();
        build.signal(Signal::KILL);
        build.finish().expect(137);
        assert!(work(&checkout) > 0, "nothing was left");
        checkout.xtask(collect).expect(0);
        assert_eq!(work(&checkout), 0, "{collect:?} leaves something");
    }
    checkout.xtask(&BUILD).expect(0).says("restored tiny");
}

#[test]
fn clean_leaves_running_builds_alone() {
    let checkout = Checkout::tiny();
    let other = checkout.clone_to("other");
    let gate = Gate::new(&checkout.root);
    // Without a compiler cache the compiler runs once, and goes through the gate once.
    let build =
        checkout.start(&["build-backend", "tiny", "--compiler-cache", "off", "--set", &gate.setting()]);
    let held = gate.wait();
    for cleaner in [&other, &checkout] {
        cleaner.xtask(&["clean"]).expect(0);
        cleaner.xtask(&["cache", "gc", "--budget", "0", "--grace", "0s"]).expect(0);
    }
    checkout.xtask(&["clean"]).expect(0).says("stays: a build is at work there");
    // A build of the same unit with another key waits for its turn.
    let mut second = checkout.start(&BUILD);
    second.until("waiting for another build of tiny");
    drop(held);
    build.finish().expect(0).says("built tiny");
    second.finish().expect(0).says("built tiny");
    assert_eq!(work(&checkout), 0);
}

#[test]
fn a_declared_file_that_vanishes_is_not_called_undeclared() {
    let checkout = Checkout::tiny();
    let gate = Gate::new(&checkout.root);
    let build = checkout.start(&["build-backend", "tiny", "--set", &gate.setting()]);
    let held = gate.wait();
    for entry in walkdir::WalkDir::new(checkout.cache.join("v1/scratch/work")) {
        let entry = entry.unwrap();
        if entry.file_name() == "answer.h" {
            fs_err::remove_file(entry.path()).unwrap();
        }
    }
    drop(held);
    let failed = build.finish().expect(1).says("answer.h was there when the build began, and is gone");
    assert!(!failed.err.contains("does not declare"), "{}", failed.err);
}

#[test]
fn offline_no_package_manager_asks_for_anything() {
    let mut checkout = Checkout::copy("checkout");
    // Empty but for the tools.
    checkout.cache = checkout.root.join("cache");
    lend_tools(&checkout.cache);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let network = format!("http://{}", listener.local_addr().unwrap());
    for (backend, step, said) in [
        ("lexical", "fetch", "offline"),
        ("local-store", "generate", "GOPROXY=off"),
        ("minilm", "resolve", "the network was disabled"),
    ] {
        let mut command = checkout.command(&["build-backend", backend, "--offline"]);
        for variable in
            ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "GOPROXY", "UV_DEFAULT_INDEX"]
        {
            command.env(variable, &network);
        }
        child::run(command, SHORT).expect(1).says(&format!("step `{step}` of {backend}")).says(said);
        let asked = listener.accept().map(|_| ()).map_err(|error| error.kind());
        assert_eq!(asked, Err(ErrorKind::WouldBlock), "{backend}");
    }
}
