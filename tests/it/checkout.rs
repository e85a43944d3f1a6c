//! A copy of the small fixture, and the program run in it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// The program under test.
pub const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

/// A checkout in a directory of its own, beside its cache and its home.
pub struct Checkout {
    dir: TempDir,
    /// The root of the checkout.
    pub root: PathBuf,
    /// The cache, which does not exist before it is used.
    pub cache: PathBuf,
    /// The home.
    pub home: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Checkout {
    pub fn new() -> Self {
        Self::named("checkout")
    }

    /// In a directory of that name.
    pub fn named(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().canonicalize().unwrap().join(name);
        let (root, cache, home) = (at(name), at("cache"), at("home"));
        copy(&repository().join("tests/fixtures/small"), &root);
        fs::create_dir(&home).unwrap();
        Self { dir, root, cache, home }
    }

    /// What holds the checkout, its cache and its home.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The program with nothing in its environment that the test does not know.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(XTASK);
        command.args(args).current_dir(&self.root).stdin(Stdio::null()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", &self.home).env("XTASK_CACHE_DIR", &self.cache);
        // No test asks a registry without saying so.
        command.env("XTASK_BUILD", "1");
        command
    }

    /// Runs the program.
    pub fn run(&self, args: &[&str]) -> Ran {
        ran(&mut self.command(args))
    }

    /// Runs the program, which must succeed; its standard output.
    pub fn out(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
        ran.out
    }

    /// Runs the program until it keeps its answer: files that were just written are not trusted yet.
    pub fn kept(&self, args: &[&str]) -> Ran {
        let answers = self.cache.join("v1/memo");
        let _ = fs::remove_dir_all(&answers);
        let mut tries = (0..500).map(|_| self.run(args));
        tries.find(|ran| ran.code != 0 || answers.exists()).expect("an answer that is kept")
    }

    /// The key of a backend.
    pub fn hash(&self, args: &[&str]) -> String {
        let all: Vec<&str> = ["hash"].into_iter().chain(args.iter().copied()).collect();
        let key = self.out(&all).trim().to_owned();
        assert!(key.len() == 64 && key.chars().all(|c| c.is_ascii_hexdigit()), "{key}");
        key
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).unwrap()
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces the first `from` of a file.
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} holds no {from:?}");
        self.write(file, &text.replacen(from, to, 1));
    }

    /// Puts a package of that unit into the cache as a build would, and notes it as the last one.
    pub fn pretend_built(&self, backend: &str) {
        self.pretend_built_as(&[backend]);
    }

    /// The same for other options; they begin with the backend.
    pub fn pretend_built_as(&self, args: &[&str]) -> model::key::Key {
        let document = self.out(&[&["why"], args, &["--document"]].concat());
        let key: model::key::Key = self.hash(args).parse().unwrap();
        let unit = self.unit(args);
        let package = tempfile::tempdir().unwrap();
        fs::write(package.path().join("program"), "#!/bin/sh\n").unwrap();
        let store = store::Store::open(&self.cache).unwrap();
        let store::Reserved::Vacant(reservation) = store.reserve(&key, |_| ()).unwrap() else {
            panic!("built already")
        };
        let meta = store::Meta { unit: unit.clone(), built_in: Duration::from_secs(90) };
        reservation.commit(package.path(), document.trim_end().as_bytes(), meta).unwrap();
        store.set_last(&unit, key).unwrap();
        key
    }

    /// The name of a unit in the cache.
    fn unit(&self, args: &[&str]) -> String {
        let plan = self.out(&[&["plan"], args, &["--json"]].concat());
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        let part = |name: &str| plan["unit"][name].as_str().unwrap().replace('/', "-");
        format!("{}.{}.{}", part("backend"), part("variant"), part("platform"))
    }

    /// Every file below the checkout, the cache and the home with its content and time of change.
    pub fn everything(&self) -> BTreeMap<PathBuf, (SystemTime, Option<Vec<u8>>)> {
        walkdir::WalkDir::new(self.dir.path())
            .into_iter()
            .map(|entry| {
                let entry = entry.unwrap();
                let changed = entry.metadata().unwrap().modified().unwrap();
                let content = entry.file_type().is_file().then(|| fs::read(entry.path()).unwrap());
                (entry.into_path(), (changed, content))
            })
            .collect()
    }
}

/// Runs a command to its end.
pub fn ran(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let ran = Ran { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) };
    assert!(!ran.err.contains("panicked"), "{ran:?}");
    ran
}

/// The root of this repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Copies a directory with all that is in it, symlinks as symlinks.
pub fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else if entry.path_is_symlink() {
            symlink(fs::read_link(entry.path()).unwrap(), target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
