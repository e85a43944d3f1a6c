//! A command as data: program, arguments, environment, directory. No shell.

use model::arg::Arg;
use std::collections::BTreeMap;

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
    /// Working directory.
    pub cwd: Arg,
}

impl Cmd {
    /// A command without arguments.
    pub fn new(program: impl Into<Arg>, cwd: impl Into<Arg>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            tuning: BTreeMap::new(),
            cwd: cwd.into(),
        }
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
}

impl std::fmt::Display for Cmd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.program)?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}
