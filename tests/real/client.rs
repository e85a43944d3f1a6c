//! Independent clients: Python's grpcio with the conformance suite, and the one that `run-backend` uses.

use crate::checkout::{Checkout, repository, scratch};
use crate::child::{self, LONG, tell};
use camino::{Utf8Path, Utf8PathBuf};
use std::io::Read;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

/// How long the slowest suite may take.
const SUITE: Duration = Duration::from_mins(15);

/// A Python with what the conformance suite and other independent readers import.
pub static PYTHON: LazyLock<Utf8PathBuf> = LazyLock::new(|| {
    crate::deps::ready();
    let wanted = repository().join("tests/conformance/requirements.txt");
    let venv = scratch().join("conformance");
    let (python, stamp) = (venv.join("bin/python"), venv.join("requirements.txt"));
    if fs_err::read(&stamp).ok() != fs_err::read(&wanted).ok() {
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear", venv.as_str()]);
        child::run(make, LONG).expect(0);
        let mut install = Command::new(&python);
        install.args([
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
            "--only-binary",
            ":all:",
        ]);
        install.args(["--requirement", wanted.as_str()]);
        child::run(install, LONG).expect(0);
        fs_err::copy(&wanted, &stamp).unwrap();
    }
    python
});

/// The program behind `run-backend`, compiled where that looks for it.
static CLIENT: LazyLock<Utf8PathBuf> = LazyLock::new(|| {
    let target = repository().join("target/xtask");
    let mut build = Command::new("cargo");
    build.current_dir(repository());
    build.args(["build", "--quiet", "--locked", "--package", "client", "--target-dir", target.as_str()]);
    child::run(build, LONG).expect(0);
    target.join("debug/backend-client")
});

/// The contract as a test: of a package where there is nothing else, and of its image.
#[track_caller]
pub fn verify(checkout: &Checkout, backend: &str) {
    verify_alone(&checkout.package(backend));
    let image = checkout.root.join(format!("{backend}.tar"));
    checkout.xtask(&["build-backend", backend, "--output", image.as_str()]).expect(0);
    verify_with(&image, &[]);
}

/// The same of a package where there is nothing else.
#[track_caller]
pub fn verify_alone(package: &Utf8Path) {
    verify_with(package, &["--empty-root"]);
}

#[track_caller]
fn verify_with(package: &Utf8Path, more: &[&str]) {
    let mut test = Command::new(&*CLIENT);
    test.args(["test", package.as_str()]).args(more);
    tell(child::run(test, SUITE).expect(0).out.trim_end());
}

/// A tiny model with random weights.
pub static MODEL: LazyLock<Utf8PathBuf> = LazyLock::new(|| tiny("tiny.gguf", &[]));

/// Another with the same tokens.
pub static DRAFT: LazyLock<Utf8PathBuf> = LazyLock::new(|| tiny("draft.gguf", &["--seed", "2"]));

/// What lets it see and hear.
pub static PROJECTOR: LazyLock<Utf8PathBuf> = LazyLock::new(|| tiny("projector.gguf", &["--projector"]));

fn tiny(name: &str, more: &[&str]) -> Utf8PathBuf {
    let file = scratch().join(name);
    let mut make = Command::new(&*CLIENT);
    make.args(["tiny-gguf", file.as_str()]).args(more);
    child::run(make, SUITE).expect(0);
    file
}

/// Runs modules, classes or tests of the conformance suite against the server that `command` starts. None may be skipped.
#[track_caller]
pub fn conformance(tests: &[&str], command: &str, more: &[(&str, &str)]) {
    conformance_in(&repository(), tests, command, more);
}

/// The same with the suite of another checkout.
#[track_caller]
pub fn conformance_in(root: &Utf8Path, tests: &[&str], command: &str, more: &[(&str, &str)]) {
    let mut suite = Command::new(&*PYTHON);
    suite.current_dir(root.join("tests/conformance"));
    // Nothing is written into the checkout.
    suite.args(["-B", "-m", "unittest", "--verbose"]).args(tests).env("BACKEND_CMD", command);
    for name in ["BACKEND_ADDR", "LLAMACPP_GRPC_SERVERS"] {
        suite.env_remove(name);
    }
    suite.envs(more.iter().copied());
    let run = child::run(suite, SUITE);
    // What failed stands below the first rule; above it are thousands of lines that servers said.
    let failures = run.err.find("\n====").map_or(run.err.as_str(), |at| &run.err[at..]);
    assert_eq!(run.code(), 0, "exit code of {tests:?}; it said:\n{failures}");
    let ran = run.line("Ran ");
    assert!(!ran.contains("Ran 0 "), "{}", run.err);
    assert!(!run.err.contains("skipped"), "a test was skipped:\n{}", run.err);
    tell(&format!("{ran}: {}", tests.join(" ")));
}

/// The command line that starts a package without any environment in a root that holds the package, some randomness, and
/// `extra` at the path that it has outside.
pub fn in_empty_root(package: &Utf8Path, root: &Utf8Path, extra: Option<&Utf8Path>) -> String {
    format!("env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin {}", in_environment(package, root, extra))
}

/// The same with the environment of whoever runs it.
pub fn in_environment(package: &Utf8Path, root: &Utf8Path, extra: Option<&Utf8Path>) -> String {
    crate::checkout::copy_tree(package, root);
    fs_err::create_dir_all(root.join("tmp")).unwrap();
    // gRPC for Python seeds itself from this device, which every container has; making the true one takes root.
    let mut random = vec![0; 4096];
    fs_err::File::open("/dev/urandom").unwrap().read_exact(&mut random).unwrap();
    fs_err::create_dir_all(root.join("dev")).unwrap();
    fs_err::write(root.join("dev/urandom"), random).unwrap();
    if let Some(file) = extra {
        crate::checkout::copy_tree(file, &root.join(file.as_str().trim_start_matches('/')));
    }
    crate::system::in_root(root, "/run")
}
