//! Calls of uv: what is resolved, where it is looked for, and what is installed.

use super::Tree;
use crate::cmd::Cmd;
use crate::floating;
use crate::recipe::Context;
use model::arg::Arg;
use model::macos::{DEPLOYMENT_TARGET, DeploymentTarget, target_of};
use model::platform::Arch;
use model::python::{Requirement, Requirements};
use model::text::path::PlainPath;

/// What Python's programs compile for, and which wheels are good for it.
const MAC_PLATFORMS: [(Arch, &str); 2] =
    [(Arch::Arm64, "aarch64-apple-darwin"), (Arch::Amd64, "x86_64-apple-darwin")];

impl Tree<'_> {
    /// The lock that these requirements come to. What a lock of before says stays as far as it can.
    pub fn resolve(&self, files: &[PlainPath], with: &[Requirement]) -> Cmd {
        let mut cmd = self.compile(self.requirements);
        if let Some(overrides) = &self.requirements.overrides {
            cmd = cmd.arg("--overrides").arg(self.file(overrides));
        }
        let cmd = cmd.arg("-o").arg(self.lock()).args(files.iter().map(|file| self.file(file)));
        if with.is_empty() { cmd } else { cmd.arg("-").stdin(floating::lines(with)) }
    }

    /// The lock with requirements beside it that bring nothing along.
    pub fn resolve_alone(&self, with: &[Requirement]) -> Cmd {
        let cmd = self.compile(self.requirements).arg("--no-deps").arg("-o").arg(self.lock());
        cmd.arg(self.lock()).arg("-").stdin(floating::lines(with))
    }

    /// The lock of what is named on standard input, under these constraints.
    pub fn resolve_named(&self, names: &str, constraints: Arg, lock: Arg) -> Cmd {
        // What generates stubs is a wheel of the index that has everything.
        let plain = Requirements { undated: self.requirements.undated.clone(), ..Requirements::default() };
        self.compile(&plain).arg("-c").arg(constraints).arg("-o").arg(lock).arg("-").stdin(names)
    }

    /// What the lock names, in the package.
    pub fn install(&self) -> Cmd {
        self.installed(self.requirements, self.site(), self.lock())
    }

    pub fn install_named(&self, target: Arg, lock: Arg) -> Cmd {
        self.installed(&Requirements::default(), target, lock)
    }

    fn installed(&self, from: &Requirements, target: Arg, lock: Arg) -> Cmd {
        // Files that are installed one after the other leave nothing that the last lock does not name.
        let verb = if from.isolation { "install" } else { "sync" };
        let cmd = self.pip(verb, from).arg("--target").arg(target);
        let cmd = cmd.args((!from.build).then_some("--no-build")).args(from.isolation.then_some("--no-deps"));
        // A commit is no digest. Those that a lock has are looked at all the same.
        let cmd = cmd.args((!from.git).then_some("--require-hashes")).args(floating::places(from));
        if from.isolation { cmd.arg("-r").arg(lock) } else { cmd.arg(lock) }
    }

    fn uv(&self, from: &Requirements) -> Cmd {
        let uv = self
            .python("uv")
            .env("UV_PYTHON_DOWNLOADS", "never")
            .env("UV_LINK_MODE", "copy")
            .tuning("UV_NO_PROGRESS", "1");
        let uv = from.build_env.iter().fold(uv, |uv, (name, value)| uv.env(name, value.as_str()));
        if from.isolation {
            return uv.tuning("UV_CACHE_DIR", self.cache.clone());
        }
        // uv takes what it built from its cache, whatever it was built with: none is kept.
        uv.env("UV_NO_BUILD_ISOLATION", "1")
            .env("PYTHONPATH", self.site())
            .tuning("UV_CACHE_DIR", self.build.clone().then("/uv"))
    }

    /// For the oldest system that packages run on, not for the one that builds them.
    fn pip(&self, verb: &str, from: &Requirements) -> Cmd {
        let uv = match &self.wheels_for {
            Some((_, target)) => self.uv(from).env(DEPLOYMENT_TARGET, target.as_str()),
            None => self.uv(from),
        };
        let platform = self.wheels_for.iter().flat_map(|(platform, _)| ["--python-platform", platform]);
        uv.args(["pip", verb]).args(platform).args(["-q", "--python"]).arg(self.interpreter())
    }

    fn compile(&self, from: &Requirements) -> Cmd {
        self.pip("compile", from)
            .args((!from.build).then_some("--no-build"))
            .args(["--no-header", "--no-annotate", "--generate-hashes"])
            .args(floating::places(from))
            .args(floating::bounds(self.until.as_deref(), &from.undated))
    }
}

/// Which wheels are good for a Mac, and the oldest system that packages run on there.
pub(super) fn wheels_for(context: &Context<'_>) -> Option<(&'static str, DeploymentTarget)> {
    let target = target_of(context.platform, &context.manifests.macos)?;
    let (_, platform) = MAC_PLATFORMS.into_iter().find(|(arch, _)| *arch == context.platform.arch)?;
    Some((platform, target))
}
