//! Calls of uv: what is resolved, where it is looked for, and what is installed.

use super::Tree;
use crate::cmd::Cmd;
use crate::floating;
use crate::recipe::Context;
use model::arg::Arg;
use model::macos::{DEPLOYMENT_TARGET, DeploymentTarget, target_of};
use model::platform::Arch;
use model::python::Requirements;

/// What Python's programs compile for, and which wheels are good for it.
const MAC_PLATFORMS: [(Arch, &str); 2] =
    [(Arch::Arm64, "aarch64-apple-darwin"), (Arch::Amd64, "x86_64-apple-darwin")];

impl Tree<'_> {
    /// The lock that the requirements come to.
    pub fn resolve(&self, lock: Arg) -> Cmd {
        let mut cmd = self.compile(self.requirements);
        if let Some(overrides) = &self.requirements.overrides {
            cmd = cmd.arg("--overrides").arg(self.file(overrides));
        }
        cmd.arg("-o").arg(lock).args(self.requirements.files.iter().map(|file| self.file(file)))
    }

    /// The lock of what is named on standard input, under these constraints.
    pub fn resolve_named(&self, names: &str, constraints: Arg, lock: Arg) -> Cmd {
        // What generates stubs is a wheel of the index that has everything.
        let plain = Requirements { undated: self.requirements.undated.clone(), ..Requirements::default() };
        self.compile(&plain).arg("-c").arg(constraints).arg("-o").arg(lock).arg("-").stdin(names)
    }

    pub fn install(&self, target: Arg, lock: Arg) -> Cmd {
        self.installed(self.requirements, target, lock)
    }

    pub fn install_named(&self, target: Arg, lock: Arg) -> Cmd {
        self.installed(&Requirements::default(), target, lock)
    }

    fn installed(&self, from: &Requirements, target: Arg, lock: Arg) -> Cmd {
        self.pip("install")
            .arg("--target")
            .arg(target)
            .args((!from.build).then_some("--no-build"))
            .args(["--no-deps", "--require-hashes"])
            .args(floating::places(from))
            .arg("-r")
            .arg(lock)
    }

    fn uv(&self) -> Cmd {
        self.python("uv")
            .env("UV_PYTHON_DOWNLOADS", "never")
            .env("UV_LINK_MODE", "copy")
            .tuning("UV_NO_PROGRESS", "1")
            .tuning("UV_CACHE_DIR", self.cache.clone())
    }

    /// For the oldest system that packages run on, not for the one that builds them.
    fn pip(&self, verb: &str) -> Cmd {
        let uv = match &self.wheels_for {
            Some((_, target)) => self.uv().env(DEPLOYMENT_TARGET, target.as_str()),
            None => self.uv(),
        };
        let platform = self.wheels_for.iter().flat_map(|(platform, _)| ["--python-platform", platform]);
        uv.args(["pip", verb]).args(platform).args(["-q", "--python"]).arg(self.interpreter())
    }

    fn compile(&self, from: &Requirements) -> Cmd {
        self.pip("compile")
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
