//! A command as data: program, arguments, environment, directory, input. No shell.

use model::arg::Arg;
use model::script::Network;
use std::collections::BTreeMap;

/// What a command needs of the machine while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weight {
    /// One short process.
    #[default]
    Light,
    /// Compiles in parallel: joins the jobserver.
    Parallel {
        /// Memory of one job at its worst, in MiB.
        mib_per_job: u32,
    },
}

/// A command as data.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Cmd {
    /// A name looked up on PATH, or a path.
    pub program: Arg,
    /// Arguments in order.
    pub args: Vec<Arg>,
    /// Variables set for the child on top of the realm's small fixed environment.
    pub env: BTreeMap<String, Arg>,
    /// Variables that make the command faster and cannot change what it yields, such as a compiler cache's: not part
    /// of the key.
    pub tuning: BTreeMap<String, Arg>,
    /// Working directory; none where it does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<Arg>,
    /// Text on standard input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// Needs root.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub root: bool,
    /// Runs behind a fence, at a path that is the same on every machine, and reaches no more than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fence: Option<Network>,
    /// What it needs while it runs; not part of the key.
    #[serde(skip)]
    pub weight: Weight,
}

impl Cmd {
    /// A command of a build, without arguments.
    pub fn new(program: impl Into<Arg>, cwd: impl Into<Arg>) -> Self {
        Self::user(program).within(cwd)
    }

    /// A command that anybody may run, anywhere.
    pub fn user(program: impl Into<Arg>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            tuning: BTreeMap::new(),
            cwd: None,
            stdin: None,
            root: false,
            fence: None,
            weight: Weight::Light,
        }
    }

    /// A command that needs root.
    pub fn root(program: impl Into<Arg>) -> Self {
        Self { root: true, ..Self::user(program) }
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<Arg>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn args<A: Into<Arg>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// With a variable set that cannot change what the command yields.
    #[must_use]
    pub fn tuning(mut self, name: &str, value: impl Into<Arg>) -> Self {
        self.tuning.insert(name.to_owned(), value.into());
        self
    }

    /// With a variable set.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<Arg>) -> Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// In a directory.
    #[must_use]
    pub fn within(mut self, cwd: impl Into<Arg>) -> Self {
        self.cwd = Some(cwd.into());
        self
    }

    /// With text on standard input.
    #[must_use]
    pub fn stdin(mut self, text: impl Into<String>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// Behind a fence.
    #[must_use]
    pub fn fenced(mut self, network: Network) -> Self {
        self.fence = Some(network);
        self
    }

    /// With as many jobs as there are, of which each may need so much memory.
    #[must_use]
    pub fn parallel(mut self, mib_per_job: u32) -> Self {
        self.weight = Weight::Parallel { mib_per_job };
        self
    }
}

impl std::fmt::Display for Cmd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.program)?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}
