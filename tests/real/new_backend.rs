//! `new-backend` in every language: it builds, passes what CI asks of it and its own tests, and answers.

use crate::checkout::{Checkout, repository};
use crate::child::{self, LONG};
use crate::families::added_ones_keep_the_contract;
use camino::Utf8Path;
use model::name::BackendName;
use std::process::Command;

/// A program in a directory of the new backend.
fn command(program: &str, args: &[&str], dir: &Utf8Path) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir);
    command
}

#[track_caller]
fn check(language: &str, own_tests: &[(&str, &[&str])]) {
    let checkout = Checkout::copy("checkout");
    // Rust is formatted as all of this repository is.
    fs_err::copy(repository().join("rustfmt.toml"), checkout.root.join("rustfmt.toml")).unwrap();
    let name = format!("new-{language}");
    checkout.xtask(&["new-backend", language, &name]).expect(0).says(&format!("backend/{language}/{name}"));
    // As in CI of a repository that has it.
    let added = added_ones_keep_the_contract(&checkout);
    assert_eq!(added.iter().map(BackendName::as_str).collect::<Vec<_>>(), [&name]);
    checkout.xtask(&["build-backend", &name]).expect(0).says("nothing to do");
    let dir = checkout.root.join("backend").join(language).join(&name);
    for (program, args) in own_tests {
        child::run(command(program, args, &dir), LONG).expect(0);
    }
}

#[test]
fn a_new_cpp_backend_builds_and_answers() {
    let configure = ["-G", "Ninja", "-B", "../../../build", "-DBACKEND_TESTS=ON"];
    let build = ["--build", "../../../build", "--target", "unit-tests"];
    check(
        "cpp",
        &[
            ("cmake", &configure),
            ("cmake", &build),
            ("ctest", &["--test-dir", "../../../build", "--verbose"]),
        ],
    );
}

#[test]
fn a_new_go_backend_builds_and_answers() {
    let formatted = ["-c", "test -z \"$(gofmt -l .)\""];
    check(
        "go",
        &[
            ("go", &["generate", "./..."]),
            ("go", &["vet", "./..."]),
            ("go", &["test", "./..."]),
            ("sh", &formatted),
        ],
    );
}

#[test]
fn a_new_python_backend_builds_and_answers() {
    check("python", &[("sh", &["-c", "PYTHONPATH=. python3 -B -m unittest discover -s tests"])]);
}

#[test]
fn a_new_rust_backend_builds_and_answers() {
    // Its unit tests are those of its template and of lexical, and run with theirs. As in `.ci/run`, whose directory it is.
    let target = repository().join("target/rust");
    let lints =
        ["clippy", "--locked", "--all-targets", "--target-dir", target.as_str(), "--", "-D", "warnings"];
    check("rust", &[("cargo", &["fmt", "--check"]), ("cargo", &lints)]);
}
