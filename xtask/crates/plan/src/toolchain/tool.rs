//! Tools that distributions ship too old or not at all: pinned wheels, each in a directory of its own.

use super::action::{Install, InstallStep, Probe};
use super::error::DepsError;
use super::family::Family;
use crate::cmd::Cmd;
use camino::{Utf8Path, Utf8PathBuf};
use model::name::Label;
use model::platform::Arch;
use model::source::Wheel;
use model::text::version::Version;

/// A tool from the Python package index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// The first Ninja that takes part in a GNU jobserver is 1.13; no supported distribution has it.
    Ninja,
    /// Installs Python packages.
    Uv,
    /// The Go toolchain, for distributions whose own is too old.
    Go,
}

impl Tool {
    /// The program's name.
    pub fn program(self) -> &'static str {
        match self {
            Self::Ninja => "ninja",
            Self::Uv => "uv",
            Self::Go => "go",
        }
    }

    /// The tool that a family needs and distributions do not have new enough.
    pub fn of(family: Family) -> Option<Self> {
        match family {
            Family::Cpp(_) => Some(Self::Ninja),
            Family::Python => Some(Self::Uv),
            Family::Golang => Some(Self::Go),
            Family::Rust | Family::Runtime => None,
        }
    }

    /// Whether a tool on PATH that says it is of `version` will do: `1.13.2` as well as `go version go1.26.8 linux/amd64`.
    pub fn is_served_by(self, version: &str) -> bool {
        let oldest = match self {
            // The first that takes part in a GNU jobserver.
            Self::Ninja => Version::new(1, 13),
            // The first with the options that the recipes use.
            Self::Uv => Version::new(0, 5),
            // What the backends' modules ask for: their recipe lets the go command fetch no other toolchain.
            Self::Go => Version::new(1, 26),
        };
        Version::find(version) >= Some(oldest)
    }

    /// The directory to put before PATH once `wheel` is installed under `tools`.
    pub fn bin(wheel: &Wheel, tools: &Utf8Path) -> Utf8PathBuf {
        Self::prefix(wheel, tools).join("bin")
    }

    /// Where the program of `wheel` is once it is installed under `tools`.
    pub fn path(wheel: &Wheel, tools: &Utf8Path) -> Utf8PathBuf {
        Self::bin(wheel, tools).join(wheel.name.as_str())
    }

    /// The directory that holds it, and nothing else, once `wheel` is installed under `tools`.
    pub fn prefix(wheel: &Wheel, tools: &Utf8Path) -> Utf8PathBuf {
        tools.join(format!("{}-{}", wheel.name, wheel.version))
    }

    /// The step that installs it under `tools`; nothing of it is seen by the rest of the machine.
    pub(super) fn step(
        self,
        wheel: &Wheel,
        tools: &Utf8Path,
        arch: Arch,
        id: Label,
    ) -> Result<InstallStep, DepsError> {
        let digest = wheel.sha256.get(&arch).ok_or(DepsError::NoTool { tool: self.program(), arch })?;
        let prefix = Self::prefix(wheel, tools);
        let pip = Cmd::user(prefix.join("bin/python").into_string())
            .args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"])
            .args(["--only-binary", ":all:", "--require-hashes", "--requirement", "/dev/stdin"])
            .stdin(format!("{}=={} --hash=sha256:{digest}\n", wheel.package, wheel.version));
        let venv = Cmd::user("/usr/bin/python3").args(["-m", "venv", "--clear", prefix.as_str()]);
        Ok(InstallStep {
            id,
            sources: Vec::new(),
            actions: [venv, pip].map(Install::from).into(),
            done: Probe::Files(vec![Self::path(wheel, tools).into_string()]),
        })
    }
}
