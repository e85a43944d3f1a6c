//! What several suites need: a sandbox with a store and a small package.
#![allow(dead_code, reason = "each suite uses its own part")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use model::digest::Digest;
use model::key::Key;
use store::{Entry, Meta, Reserved, Store};

/// The size of the largest file in a package.
pub const LIB: usize = 300_000;

pub struct Sandbox {
    pub dir: tempfile::TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn store(&self) -> Store {
        Store::open(&self.path("cache")).unwrap()
    }

    /// A package with every kind of thing in it; `text` makes it differ.
    pub fn package(&self, text: &str) -> PathBuf {
        let root = self.path(&format!("built-{text}"));
        package_at(&root, text);
        root
    }
}

pub fn package_at(root: &Path, text: &str) {
    fs::create_dir_all(root.join("lib")).unwrap();
    fs::create_dir_all(root.join("empty/inner")).unwrap();
    fs::write(root.join("run.sh"), format!("#!/bin/sh\necho {text}\n")).unwrap();
    fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o750)).unwrap();
    fs::write(root.join("lib/libx.so.1"), vec![7; LIB]).unwrap();
    fs::write(root.join("lib/nothing"), "").unwrap();
    symlink("libx.so.1", root.join("lib/libx.so")).unwrap();
    symlink("../run.sh", root.join("lib/up")).unwrap();
}

pub fn key(name: &str) -> Key {
    Key::new(Digest::of(name.as_bytes()))
}

pub fn meta(unit: &str) -> Meta {
    Meta { unit: unit.into(), built_in: Duration::from_secs(2) }
}

pub fn commit(store: &Store, name: &str, tree: &Path) -> Entry {
    match store.reserve(&key(name), |_| panic!("nobody else is here")).unwrap() {
        Reserved::Vacant(reservation) => reservation.commit(tree, name.as_bytes(), meta(name)).unwrap(),
        Reserved::Hit(_) => panic!("{name} is there already"),
    }
}

/// Every path below a directory with its kind, mode and content.
pub fn picture(root: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let mut pending = vec![root.to_owned()];
    while let Some(dir) = pending.pop() {
        for item in fs::read_dir(dir).unwrap() {
            let path = item.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if meta.is_dir() {
                lines.push(format!("{name}/"));
                pending.push(path);
            } else if meta.is_symlink() {
                lines.push(format!("{name} -> {}", fs::read_link(&path).unwrap().display()));
            } else {
                let runs = meta.permissions().mode() & 0o100 != 0;
                lines.push(format!("{name} {runs} {}", Digest::of(&fs::read(&path).unwrap())));
            }
        }
    }
    lines.sort();
    lines
}

/// Every regular file below a directory, sorted.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![root.to_owned()];
    while let Some(dir) = pending.pop() {
        for item in fs::read_dir(dir).unwrap() {
            let path = item.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            if meta.is_dir() {
                pending.push(path);
            } else if meta.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Which part a process that `role` started plays; none in the test run itself.
pub const ROLE: &str = "STORE_TEST_ROLE";

/// This test binary again, as another process that runs only its ignored test `child`, in a role.
pub fn role(role: &str, sandbox: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--ignored", "--nocapture"]);
    command.env(ROLE, role).env("STORE_TEST_SANDBOX", sandbox);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// The sandbox of the process that started this one.
pub fn parents_sandbox() -> PathBuf {
    std::env::var_os("STORE_TEST_SANDBOX").unwrap().into()
}
