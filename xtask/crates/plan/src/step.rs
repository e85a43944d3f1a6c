//! The ordered steps of a plan. Both realms lower these, and nothing else.

use crate::cmd::Cmd;
use model::arg::Arg;
use model::name::{Label, PinName};

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Action {
    /// Make `${source:pin}` hold the pin's verified and patched tree.
    Fetch {
        /// Which pin.
        pin: PinName,
    },
    /// Copy the unit's declared inputs, at their repository paths, into this directory: the build sees nothing else.
    Stage {
        /// Target directory.
        into: Arg,
    },
    /// Run a command.
    Run {
        /// The command.
        cmd: Cmd,
    },
    /// Copy one file, or the files of a directory that match, symlinks as symlinks.
    Copy {
        /// A file, or with `matching` a directory that is searched to any depth.
        from: Arg,
        /// Globs on file names; none copies `from` itself.
        matching: Vec<String>,
        /// A file, or with `matching` a directory.
        to: Arg,
    },
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fetch { pin } => write!(f, "fetch {pin}"),
            Self::Stage { into } => write!(f, "copy the declared inputs to {into}"),
            Self::Copy { from, matching, to } if matching.is_empty() => write!(f, "copy {from} to {to}"),
            Self::Copy { from, matching, to } => {
                write!(f, "copy {} below {from} to {to}", matching.join(", "))
            }
            Self::Run { cmd } => cmd.fmt(f),
        }
    }
}

/// What a step needs of the machine while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// One short process.
    Light,
    /// Compiles in parallel: joins the jobserver.
    Parallel {
        /// Memory of one job at its worst, in MiB.
        mib_per_job: u32,
    },
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// Unique in its plan; names the log file.
    pub id: Label,
    /// What it does.
    #[serde(flatten)]
    pub action: Action,
    /// What it needs while it runs; not part of the key.
    #[serde(skip)]
    pub weight: Weight,
}
