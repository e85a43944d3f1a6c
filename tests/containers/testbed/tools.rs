//! The programs: BuildKit and buildx at the versions of `tools/go.mod`, the others from Debian.

use super::debian;
use crate::checkout::{repository, shared_cache};
use crate::child::{self, LONG, tell};
use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::geteuid;
use std::fs::File;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Instant;

/// Where the programs are.
pub struct Tools {
    home: Utf8PathBuf,
}

/// Packages and the program that each is for.
const PACKAGES: [(&str, &str); 4] = [
    ("docker.io", "usr/bin/docker"),
    ("docker-registry", "usr/bin/docker-registry"),
    ("runc", "usr/sbin/runc"),
    ("debootstrap", "usr/sbin/debootstrap"),
];

/// Go programs, the packages they are compiled from, and the modules that these belong to.
const MODULES: [(&str, &str, &str); 2] = [
    ("buildkitd", "github.com/moby/buildkit/cmd/buildkitd", "github.com/moby/buildkit"),
    ("buildx", "github.com/docker/buildx/cmd/buildx", "github.com/docker/buildx"),
];

/// Raised when they are made in another way from the same files.
const REVISION: u32 = 1;

impl Tools {
    /// The programs, made if this is the first time.
    pub fn get() -> &'static Self {
        static TOOLS: LazyLock<Tools> = LazyLock::new(|| {
            assert!(
                geteuid().is_root(),
                "containers need root, for mounts: run `sudo --preserve-env=PATH,HOME cargo xtask test`"
            );
            let module = fs_err::read(modules().join("go.sum")).unwrap();
            let key = model::digest::Digest::of(&[&module[..], &REVISION.to_le_bytes()].concat()).to_hex();
            let home = shared_cache().join("testbed").join(&key[..16]);
            once(&home, make);
            Tools { home }
        });
        &TOOLS
    }

    /// The directory of `docker`, `docker-registry`, `buildkitd` and what this starts.
    pub fn bin(&self) -> Utf8PathBuf {
        self.home.join("bin")
    }

    /// The plugin that is `docker buildx`.
    pub fn buildx(&self) -> Utf8PathBuf {
        self.bin().join("buildx")
    }

    /// What all of them came from, with debootstrap and its scripts.
    pub fn packages(&self) -> Utf8PathBuf {
        self.home.join("packages")
    }

    /// A place for what is made with these programs.
    pub fn home(&self) -> &Utf8Path {
        &self.home
    }
}

/// Makes a directory unless it is there, whole or not at all, while other processes wait.
pub fn once(dir: &Utf8Path, make: impl FnOnce(&Utf8Path)) {
    let parent = dir.parent().unwrap();
    fs_err::create_dir_all(parent).unwrap();
    let lock = File::create(format!("{dir}.lock")).unwrap();
    lock.lock().unwrap();
    if dir.exists() {
        return;
    }
    let began = Instant::now();
    let making = Utf8PathBuf::from(format!("{dir}.making"));
    if making.exists() {
        fs_err::remove_dir_all(&making).unwrap();
    }
    fs_err::create_dir_all(&making).unwrap();
    make(&making);
    fs_err::rename(&making, dir).unwrap();
    tell(&format!("made {dir} in {:.0} s", began.elapsed().as_secs_f64()));
}

fn modules() -> Utf8PathBuf {
    repository().join("tests/containers/tools")
}

fn make(home: &Utf8Path) {
    debian::update();
    let packages = home.join("packages");
    debian::unpack(&PACKAGES.map(|(package, _)| package), &home.join("archives"), &packages);
    let bin = home.join("bin");
    fs_err::create_dir_all(&bin).unwrap();
    for (_, program) in PACKAGES {
        let name = Utf8Path::new(program).file_name().unwrap();
        assert!(packages.join(program).is_file(), "{program} is not in its package");
        link(&format!("../packages/{program}"), &bin.join(name));
    }
    // The name that BuildKit looks for first.
    link("runc", &bin.join("buildkit-runc"));
    for (name, package, module) in MODULES {
        compile(package, module, &bin.join(name));
    }
}

fn link(target: &str, at: &Utf8Path) {
    fs_err::os::unix::fs::symlink(target, at).unwrap();
}

fn compile(package: &str, module: &str, to: &Utf8Path) {
    let mut version = Command::new("go");
    version.current_dir(modules()).args(["list", "-m", "-f", "{{.Version}}", module]).env("GOWORK", "off");
    let version = child::run(version, LONG).expect(0).out;
    let stamp = format!("-s -w -X {module}/version.Version={}", version.trim());
    let mut build = Command::new("go");
    build.current_dir(modules()).env("GOWORK", "off").env("CGO_ENABLED", "0");
    build.args(["build", "-trimpath", "-ldflags", &stamp, "-o", to.as_str(), package]);
    child::run(build, LONG).expect(0);
}
