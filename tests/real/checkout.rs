//! Checkouts to build in: copies of this one, or the tiny fixture, each with a cache.

use crate::child::{self, LONG, Run, Running, SHORT};
use crate::system::with_mounts;
use camino::{Utf8Path, Utf8PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;
use walkdir::WalkDir;

/// The checkout that the tests stand in.
pub fn repository() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A directory for the tests' own files, kept between runs.
pub fn scratch() -> Utf8PathBuf {
    env!("CARGO_TARGET_TMPDIR").into()
}

/// The cache of whatever is worth keeping between runs.
pub fn shared_cache() -> Utf8PathBuf {
    static CACHE: LazyLock<Utf8PathBuf> = LazyLock::new(|| {
        let named = std::env::var("XTASK_TEST_CACHE").ok().filter(|dir| !dir.is_empty());
        named.map_or_else(|| scratch().join("cache"), |dir| camino::absolute_utf8(dir).unwrap())
    });
    CACHE.clone()
}

/// A directory that goes with its value.
pub fn temporary() -> (TempDir, Utf8PathBuf) {
    let dir = TempDir::with_prefix_in("real-", scratch()).unwrap();
    let path = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
    (dir, path)
}

/// A checkout and the cache that its builds use.
pub struct Checkout {
    pub root: Utf8PathBuf,
    pub cache: Utf8PathBuf,
    _dir: Option<TempDir>,
}

impl Checkout {
    /// A directory that is a checkout already.
    pub fn at(root: Utf8PathBuf, cache: Utf8PathBuf) -> Self {
        Self { root, cache, _dir: None }
    }

    /// A copy of the backends and their conformance suite, `below` a temporary directory, with the shared cache.
    pub fn copy(below: &str) -> Self {
        let (dir, path) = temporary();
        let root = path.join(below);
        let repository = repository();
        for part in ["backend", "tests/conformance", "LICENSE"] {
            copy_tree(&repository.join(part), &root.join(part));
        }
        Self { root, cache: shared_cache(), _dir: Some(dir) }
    }

    /// The tiny backend, with an empty cache of its own that has the shared cache's tools.
    pub fn tiny() -> Self {
        let (dir, path) = temporary();
        let root = path.join("checkout");
        copy_tree(&repository().join("tests/fixtures/tiny"), &root);
        for file in ["backend/variants.yaml", "LICENSE"] {
            fs_err::copy(repository().join(file), root.join(file)).unwrap();
        }
        let cache = path.join("cache");
        lend_tools(&cache);
        Self { root, cache, _dir: Some(dir) }
    }

    /// A small backend of each family that can do with the standard library, with a cache of its own, which holds Go's
    /// compiled library and nothing else.
    pub fn families() -> Self {
        let checkout = Self::unlent();
        lend_compiled(&checkout.cache);
        checkout
    }

    fn unlent() -> Self {
        let checkout = Self::tiny();
        copy_tree(&repository().join("tests/fixtures/families"), &checkout.root);
        checkout
    }

    /// Another copy of this checkout's files, without what was built in it, and with the same cache.
    pub fn clone_to(&self, below: &str) -> Self {
        let (dir, path) = temporary();
        let root = path.join(below);
        for part in ["backend", "docker", "library", "LICENSE"] {
            if self.root.join(part).exists() {
                copy_tree(&self.root.join(part), &root.join(part));
            }
        }
        Self { root, cache: self.cache.clone(), _dir: Some(dir) }
    }

    /// An xtask command in this checkout.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.current_dir(&self.root).args(args).env("XTASK_CACHE_DIR", &self.cache);
        // Who builds here is tested; what registries have is for those who say so.
        command.env("XTASK_BUILD", "1");
        // What CI sets changes defaults; tests say what they want.
        for name in ["CI", "GITHUB_ACTIONS", "XTASK_OFFLINE", "MAKEFLAGS", "LLAMACPP_GRPC_SERVERS"] {
            command.env_remove(name);
        }
        command
    }

    /// An xtask command that `script`, which gets `given` and then the command as its arguments, starts where it may mount.
    pub fn mounted(&self, script: &str, given: &[&str], args: &[&str]) -> Command {
        let xtask = self.command(args);
        let program = xtask.get_program().to_str().unwrap();
        let mut command = with_mounts(script, &[given, &[program], args].concat());
        command.current_dir(&self.root);
        for (name, value) in xtask.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Runs xtask.
    #[track_caller]
    pub fn xtask(&self, args: &[&str]) -> Run {
        child::run(self.command(args), SHORT)
    }

    /// Runs an xtask that may compile llama.cpp.
    #[track_caller]
    pub fn xtask_for_long(&self, args: &[&str]) -> Run {
        child::run(self.command(args), LONG)
    }

    /// Starts xtask.
    #[track_caller]
    pub fn start(&self, args: &[&str]) -> Running {
        child::start(self.command(args), Duration::from_mins(5))
    }

    /// Where the package of a backend for processors is.
    pub fn package(&self, backend: &str) -> Utf8PathBuf {
        self.package_in(backend, "cpu")
    }

    /// Where the package of a backend in a variant is.
    pub fn package_in(&self, backend: &str, variant: &str) -> Utf8PathBuf {
        let arch = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
        self.root.join(format!("target/backends/{backend}.{variant}.linux-{arch}/package"))
    }

    /// The one directory of the cache whose name begins like this.
    pub fn cached(&self, kind: &str, beginning: &str) -> Utf8PathBuf {
        let directory = self.cache.join("v1/scratch").join(kind);
        let mut entries = directory.read_dir_utf8().unwrap().map(|entry| entry.unwrap());
        entries.find(|entry| entry.file_name().starts_with(beginning)).unwrap().into_path()
    }

    /// Replaces text in a file, which must be there.
    #[track_caller]
    pub fn edit(&self, file: &str, old: &str, new: &str) {
        let path = self.root.join(file);
        let text = fs_err::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} does not hold `{old}`");
        fs_err::write(path, text.replacen(old, new, 1)).unwrap();
    }
}

/// Tools take a network and half a minute to install; what is tested with small caches is something else.
pub fn lend_tools(cache: &Utf8Path) {
    crate::deps::ready();
    let (tools, ours) = (shared_tools(), cache.join("v1/scratch/tools"));
    fs_err::create_dir_all(&ours).unwrap();
    for entry in fs_err::read_dir(tools).into_iter().flatten() {
        let entry = entry.unwrap();
        // `bin` holds links, and a cache makes its own; so it does with seals.
        if entry.file_name() != "bin" && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            let link = ours.as_std_path().join(entry.file_name());
            fs_err::os::unix::fs::symlink(entry.path(), link).unwrap();
        }
    }
}

/// Go's standard library takes most of a minute to compile, once for all; what is compiled of a backend is something else.
pub fn lend_compiled(cache: &Utf8Path) {
    static COMPILED: LazyLock<Utf8PathBuf> = LazyLock::new(|| {
        let checkout = Checkout { cache: shared_cache(), ..Checkout::unlent() };
        checkout.xtask_for_long(&["build-backend", "tinygo", "--realm", "native"]).expect(0);
        checkout.cache.join(COMPILED_GO)
    });
    let (from, to) = (&*COMPILED, cache.join(COMPILED_GO));
    for entry in WalkDir::new(from) {
        let entry = entry.unwrap();
        let path = to.as_std_path().join(entry.path().strip_prefix(from).unwrap());
        let name = entry.file_name().as_encoded_bytes();
        if entry.file_type().is_dir() {
            fs_err::create_dir_all(path).unwrap();
        } else if !name.ends_with(b"-d") || fs_err::hard_link(entry.path(), &path).is_err() {
            // What is no data is written in place.
            fs_err::copy(entry.path(), path).unwrap();
        }
    }
}

const COMPILED_GO: &str = "v1/scratch/caches/go-build";

/// Where the shared cache keeps the tools that only this project uses.
fn shared_tools() -> Utf8PathBuf {
    shared_cache().join("v1/scratch/tools")
}

/// Copies a file or a directory, links as links, leaving out what working in a checkout puts there.
pub fn copy_tree(from: &Utf8Path, to: &Utf8Path) {
    let left_out = ["__pycache__", ".venv", "target"];
    let tree = WalkDir::new(from).into_iter();
    for entry in tree.filter_entry(|entry| !left_out.iter().any(|name| entry.file_name() == *name)) {
        let entry = entry.unwrap();
        let path = Utf8Path::from_path(entry.path()).unwrap();
        let below = path.strip_prefix(from).unwrap();
        let target = if below.as_str().is_empty() { to.to_owned() } else { to.join(below) };
        if entry.file_type().is_dir() {
            fs_err::create_dir_all(&target).unwrap();
        } else {
            fs_err::create_dir_all(target.parent().unwrap()).unwrap();
            if entry.file_type().is_symlink() {
                fs_err::os::unix::fs::symlink(fs_err::read_link(path).unwrap(), &target).unwrap();
            } else {
                fs_err::copy(path, &target).unwrap();
            }
        }
    }
}

/// Every file below a directory with its content's digest and mode, or its link's target.
pub fn listing(dir: &Utf8Path) -> Vec<(String, String)> {
    use std::os::unix::fs::PermissionsExt;
    let mut files = Vec::new();
    for entry in WalkDir::new(dir).sort_by_file_name() {
        let entry = entry.unwrap();
        let path = Utf8Path::from_path(entry.path()).unwrap();
        let what = if entry.file_type().is_symlink() {
            format!("→ {}", fs_err::read_link(path).unwrap().display())
        } else if entry.file_type().is_file() {
            let mode = entry.metadata().unwrap().permissions().mode();
            format!("{mode:o} {}", model::digest::Digest::of(&fs_err::read(path).unwrap()).to_hex())
        } else {
            continue;
        };
        files.push((path.strip_prefix(dir).unwrap().to_string(), what));
    }
    assert!(!files.is_empty(), "{dir} is empty");
    files
}
