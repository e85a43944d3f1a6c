//! The ordered steps of an install plan.

use super::tree::{Source, Trees};
use crate::cmd::Cmd;
use crate::step::Action;
use model::grpc::GrpcPin;
use model::name::Label;
use model::platform::Arch;
use model::source::Repository;
use std::borrow::Cow;

/// What one part of a step does.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Install {
    /// Refresh apt's lists. Put in by [`super::Pending`], never by the tables.
    AptUpdate,
    /// Install packages of the distribution or of a repository added before.
    AptInstall {
        /// Package names: those that the tables hold, then those that depend on a version, each sorted.
        packages: Vec<Cow<'static, str>>,
    },
    /// Add a repository that apt trusts for one signing key.
    AptRepository {
        /// Base name of its files under `/etc/apt`, its URI, its key and where that is.
        pinned: Repository,
        /// Suite, or `/` for a flat repository.
        suite: &'static str,
        /// Component; none for a flat repository.
        component: Option<&'static str>,
    },
    /// Install formulas of Homebrew.
    Brew {
        /// Whose Homebrew.
        arch: Arch,
        /// Their names, sorted.
        formulas: Vec<Cow<'static, str>>,
    },
    /// What a unit's step may do as well.
    #[serde(untagged)]
    Do(Action),
}

impl Install {
    /// Packages that the tables hold.
    pub(super) fn packages_of(names: &[&'static str]) -> Self {
        Self::AptInstall { packages: names.iter().copied().map(Cow::Borrowed).collect() }
    }

    /// Packages or formulas that this installs.
    pub fn packages(&self) -> &[Cow<'static, str>] {
        match self {
            Self::AptInstall { packages: names } | Self::Brew { formulas: names, .. } => names,
            _ => &[],
        }
    }
}

impl From<Cmd> for Install {
    fn from(cmd: Cmd) -> Self {
        Self::Do(cmd.into())
    }
}

/// How it is decided that a step is done already.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "when", content = "of")]
pub enum Probe {
    /// Every package or formula of the step is installed.
    Packages,
    /// Every one of these files exists. The last may be a stamp that is named after the step's content.
    Files(Vec<String>),
    /// It is never done by itself: it follows when any other step runs.
    FollowsOthers,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct InstallStep {
    /// Unique in its plan.
    pub id: Label,
    /// Whose trees it reads.
    pub sources: Vec<Source>,
    /// What it does, in order.
    pub actions: Vec<Install>,
    /// When it is done already.
    pub done: Probe,
}

/// The ordered steps that make a builder.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct InstallPlan {
    /// For people: `Debian 12, amd64, cpu`.
    pub title: String,
    /// How it comes by its sources.
    pub trees: Trees,
    /// Steps in order.
    pub steps: Vec<InstallStep>,
    /// Dependencies that are units of their own: the driver builds them, keyed and cached, after the steps.
    pub units: Vec<GrpcPin>,
}
