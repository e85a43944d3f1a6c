//! What a CI runner has: a checkout, a cache of its own, an empty builder, and registries that outlive it.

use crate::checkout::{Checkout, copy_tree, lend_tools, repository, shared_cache, temporary};
use crate::child::{self, LONG, Run};
use crate::testbed::{Builder, Registry};
use camino::{Utf8Path, Utf8PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// The rows of `variants.yaml` that stand on the test bed's distribution instead.
const ROW: &str = "    image: ubuntu:24.04\n    toolkit: cpu\n    ubuntu: \"24.04\"\n";
const OWN: &str =
    "    image: debian:bookworm-slim\n    toolkit: cpu\n    distro: debian-12\n    grpc: system\n";

/// The repository of everything that runners share.
pub const CACHE: &str = "cache";
/// The repository that users pull from.
pub const BACKENDS: &str = "backends";

/// A machine that has built nothing yet.
pub struct Runner {
    pub checkout: Checkout,
    pub builder: Builder,
    registry: String,
    backend: &'static str,
    options: Vec<String>,
    before_path: Option<Utf8PathBuf>,
    _cache: TempDir,
}

/// The program that packs inside of builds, compiled once.
pub static PACKER: LazyLock<Utf8PathBuf> = LazyLock::new(|| {
    let target = repository().join("target/xtask");
    let mut compile = Command::new("cargo");
    compile.current_dir(repository());
    compile.args(["rustc", "--quiet", "--locked", "--package", "pack", "--bin", "pack"]);
    compile.args([
        "--target-dir",
        target.as_str(),
        "--",
        "-C",
        "target-feature=+crt-static",
        "-C",
        "strip=symbols",
    ]);
    child::run(compile, LONG).expect(0);
    target.join("debug/pack")
});

/// Has both processors' bases stand on the test bed's distribution.
pub fn stand_on_our_distribution(checkout: &Checkout) {
    for _ in 0..2 {
        checkout.edit("backend/variants.yaml", ROW, OWN);
    }
}

impl Runner {
    /// One that builds the tiny backend.
    pub fn tiny(registry: &Registry) -> Self {
        Self::new(Checkout::tiny(), registry, "tiny", &[])
    }

    /// One that builds one of the small backends of all families.
    pub fn families(registry: &Registry, backend: &'static str) -> Self {
        Self::new(Checkout::families(), registry, backend, &[])
    }

    /// One that builds a backend of this repository, with more options.
    pub fn of(registry: &Registry, backend: &'static str, options: &[&str]) -> Self {
        Self::new(Checkout::copy("checkout"), registry, backend, options)
    }

    fn new(checkout: Checkout, registry: &Registry, backend: &'static str, options: &[&str]) -> Self {
        copy_tree(&repository().join("docker"), &checkout.root.join("docker"));
        stand_on_our_distribution(&checkout);
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Self::on(checkout, Builder::fresh(), registry, backend, options)
    }

    fn on(
        mut checkout: Checkout,
        builder: Builder,
        registry: &Registry,
        backend: &'static str,
        options: Vec<String>,
    ) -> Self {
        let (dir, path) = temporary();
        let cache = path.join("cache");
        lend_tools(&cache);
        if backend == "llama-cpp" {
            lend_sources(&cache);
        }
        checkout.cache = cache;
        Self {
            checkout,
            builder,
            registry: registry.address().to_owned(),
            backend,
            options,
            before_path: None,
            _cache: dir,
        }
    }

    /// Another machine with the same sources, and nothing that was built on this one.
    pub fn another(&self, registry: &Registry) -> Self {
        let checkout = self.checkout.clone_to("checkout");
        Self::on(checkout, Builder::fresh(), registry, self.backend, self.options.clone())
    }

    /// Has it speak to another address than its registry's own.
    pub fn through(&mut self, address: &str) {
        address.clone_into(&mut self.registry);
    }

    /// A repository of the registry that it speaks to.
    pub fn repository(&self, name: &str) -> String {
        format!("{}/{name}", self.registry)
    }

    /// An xtask command on this machine.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.checkout.command(args);
        self.builder.lend_to(&mut command);
        for name in ["NAME", "PATH"] {
            command.env_remove(format!("GITHUB_EVENT_{name}"));
        }
        if let Some(dir) = &self.before_path {
            let path = std::env::var("PATH").unwrap();
            command.env("PATH", format!("{dir}:{path}"));
        }
        let arch = if cfg!(target_arch = "x86_64") { "AMD64" } else { "ARM64" };
        command.env(format!("XTASK_PACKER_{arch}"), &*PACKER);
        command
    }

    /// The command that builds in a container, with `more` to say.
    pub fn building(&self, more: &[&str]) -> Command {
        let (cache, backends) = (self.repository(CACHE), self.repository(BACKENDS));
        let mut args = vec!["build-backend", self.backend, "--realm", "container", "--registry", &cache];
        args.extend(self.options.iter().map(String::as_str));
        args.extend(more);
        if more.contains(&"--push") && !more.contains(&"--publish-to") {
            args.extend(["--publish-to", &backends]);
        }
        self.command(&args)
    }

    /// Builds in a container.
    #[track_caller]
    pub fn build(&self, more: &[&str]) -> Run {
        child::run(self.building(more), LONG)
    }

    /// Replaces `docker` by one that fails whatever it is asked.
    pub fn without_docker(&mut self) {
        let dir = self.checkout.cache.join("../without-docker");
        fs_err::create_dir_all(&dir).unwrap();
        fs_err::os::unix::fs::symlink("/bin/false", dir.join("docker")).unwrap();
        self.before_path = Some(dir);
    }

    /// What BuildKit said of the last build, as it said it.
    pub fn progress(&self) -> String {
        let arch = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
        let unit = format!("target/backends/{}.cpu.linux-{arch}", self.backend);
        fs_err::read_to_string(self.checkout.root.join(unit).join("logs/unit.jsonl")).unwrap()
    }

    /// Runs xtask on this machine.
    #[track_caller]
    pub fn xtask(&self, args: &[&str]) -> Run {
        child::run(self.command(args), LONG)
    }

    /// The package that was built.
    pub fn package(&self) -> Utf8PathBuf {
        self.checkout.package(self.backend)
    }
}

/// What was fetched once need not be fetched by every runner; nobody writes into a source's files.
fn lend_sources(cache: &Utf8Path) {
    let (shared, ours) = (shared_cache().join("v1/scratch/sources"), cache.join("v1/scratch/sources"));
    fs_err::create_dir_all(&ours).unwrap();
    let mut link = Command::new("sh");
    let script =
        "for source in \"$1\"/llama.cpp-*; do [ ! -e \"$source\" ] || cp -al \"$source\" \"$2\"; done";
    link.args(["-eu", "-c", script, "sh", shared.as_str(), ours.as_str()]);
    child::run(link, LONG).expect(0);
}
