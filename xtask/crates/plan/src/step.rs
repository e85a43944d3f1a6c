//! What builds and installs do, in order. Both realms lower these, and nothing else.

use crate::cmd::{Cmd, Weight};
use model::arg::{Arg, Piece, Place};
use model::name::{Label, PinName};
use std::collections::BTreeSet;

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
    /// Run commands until one succeeds: places that have the same bytes.
    FirstOf {
        /// In the order in which they are tried.
        cmds: Vec<Cmd>,
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
    /// Copy a directory with all that is in it, symlinks as symlinks, to where nothing lies.
    Tree {
        /// The directory.
        from: Arg,
        /// Its copy.
        to: Arg,
    },
    /// Write a file, with the directory that it lies in.
    Write {
        /// All that is in it.
        text: String,
        /// The file.
        to: Arg,
    },
}

impl Action {
    /// The first of these commands that succeeds.
    pub fn first_of(cmds: impl IntoIterator<Item = Cmd>) -> Self {
        let mut cmds: Vec<Cmd> = cmds.into_iter().collect();
        match cmds.pop() {
            Some(cmd) if cmds.is_empty() => Self::Run { cmd },
            last => Self::FirstOf { cmds: cmds.into_iter().chain(last).collect() },
        }
    }

    /// The commands that it runs, or may run.
    pub fn cmds(&self) -> &[Cmd] {
        match self {
            Self::Run { cmd } => std::slice::from_ref(cmd),
            Self::FirstOf { cmds } => cmds,
            Self::Fetch { .. }
            | Self::Stage { .. }
            | Self::Copy { .. }
            | Self::Tree { .. }
            | Self::Write { .. } => &[],
        }
    }

    /// Whether it needs root.
    pub fn is_root(&self) -> bool {
        self.cmds().iter().any(|cmd| cmd.root)
    }

    /// Whether it runs behind a fence.
    pub fn is_fenced(&self) -> bool {
        self.cmds().iter().any(|cmd| cmd.fence.is_some())
    }

    /// Whether it compiles in parallel.
    pub fn is_parallel(&self) -> bool {
        self.cmds().iter().any(|cmd| cmd.weight != Weight::Light)
    }

    /// Adds the directories that it expects to be there.
    pub fn add_places(&self, places: &mut BTreeSet<Place>) {
        let mut see = |arg: &Arg| {
            for piece in arg.pieces() {
                if let Piece::Place(place @ (Place::Build(_) | Place::Out | Place::Cache(_))) = piece {
                    places.insert(place.clone());
                }
            }
        };
        match self {
            Self::Fetch { .. } | Self::Run { .. } | Self::FirstOf { .. } => {}
            Self::Stage { into } => see(into),
            Self::Copy { from, matching: _, to } | Self::Tree { from, to } => {
                [from, to].into_iter().for_each(&mut see);
            }
            Self::Write { text: _, to } => see(to),
        }
        for Cmd { program, args, env, tuning, cwd, stdin: _, root: _, fence: _, weight: _ } in self.cmds() {
            let variables = env.values().chain(tuning.values());
            [program].into_iter().chain(args).chain(variables).chain(cwd).for_each(&mut see);
        }
    }
}

impl From<Cmd> for Action {
    fn from(cmd: Cmd) -> Self {
        Self::Run { cmd }
    }
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
            Self::Tree { from, to } => write!(f, "copy the tree {from} to {to}"),
            Self::Write { text, to } => write!(f, "write {to}, {} lines", text.lines().count()),
            Self::Run { cmd } => cmd.fmt(f),
            Self::FirstOf { cmds } => {
                let cmds: Vec<String> = cmds.iter().map(Cmd::to_string).collect();
                f.write_str(&cmds.join(" || "))
            }
        }
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// Unique in its plan; names the log file.
    pub id: Label,
    /// What it does.
    #[serde(flatten)]
    pub action: Action,
}
