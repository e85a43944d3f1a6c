//! What starts a package: the launch description, how the package is found, and what is executed.
//! See the crate's README for the file's format and for why the program is linked statically.

mod cpu;
mod locate;
mod parse;
mod render;
mod start;

pub use cpu::Cpu;
pub use locate::{Located, locate};
pub use parse::{ParseError, parse};
pub use render::{RenderError, render};
pub use start::{Invocation, StartError, plan};

/// The name of the launch description inside a package.
pub const LAUNCH_FILE: &str = "launch";

/// How a package starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// The loader that the package ships, if it ships one.
    pub loader: Option<Loader>,
    /// What to do to the environment, in order.
    pub env: Vec<EnvRule>,
    /// The programs, the preferred one first.
    pub programs: Vec<Program>,
}

/// The dynamic loader of a package and where it looks for libraries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loader {
    /// The loader, relative to the package.
    pub path: String,
    /// Library directories, relative to the package, in search order.
    pub library_path: Vec<String>,
}

/// One change of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvRule {
    /// How the value is applied.
    pub how: EnvHow,
    /// The variable.
    pub name: String,
    /// The value; `{package}` stands for the package's path.
    pub value: String,
    /// Apply only if this path exists: relative to the package, or absolute.
    pub if_exists: Option<String>,
    /// Apply only where the processor has these instructions.
    pub cpu: Option<Cpu>,
}

/// How an [`EnvRule`] applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvHow {
    /// Replace what is there.
    Set,
    /// Only if the variable is unset.
    Default,
    /// Before what is there, joined with `:`.
    Prepend,
}

/// One program that the package can start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// How it is started.
    pub start: Start,
    /// When it is a candidate.
    pub when: Condition,
    /// The file, relative to the package.
    pub path: String,
    /// Arguments before those of the caller; `{package}` stands for the package's path.
    pub args: Vec<String>,
}

/// How a program is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// By the package's own loader.
    ViaLoader,
    /// By the kernel: the program is static.
    Direct,
}

/// When a program is a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Always.
    Always,
    /// If the variable is set and not empty.
    Env(String),
}
