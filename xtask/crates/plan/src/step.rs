//! The ordered steps of a plan. Both realms lower these, and nothing else.

use crate::arg::Arg;
use crate::cmd::Cmd;
use crate::name::{Label, PinName};

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
    /// Copy one file, or every file of a directory that matches `pattern`, symlinks as symlinks.
    Copy {
        /// A file, or with `pattern` a directory that is searched to any depth.
        from: Arg,
        /// Glob on file names.
        pattern: Option<String>,
        /// A file, or with `pattern` a directory.
        to: Arg,
    },
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
