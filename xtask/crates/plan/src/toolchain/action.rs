//! The ordered steps of an install plan.

use super::call::Call;
use super::tree::Source;
use model::grpc::GrpcPin;
use model::name::Label;
use model::source::Repository;

/// A package repository that apt trusts for one signing key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AptRepository {
    /// Base name of its files under `/etc/apt`, its key and where that is.
    pub pinned: Repository,
    /// URI for this distribution and architecture.
    pub uri: String,
    /// Suite, or `/` for a flat repository.
    pub suite: String,
    /// Component; none for a flat repository.
    pub component: Option<&'static str>,
}

/// What one part of a step does.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Action {
    /// Refresh apt's lists. Put in by [`super::Pending`], never by the tables.
    AptUpdate,
    /// Install packages of the distribution or of a repository added before.
    AptInstall {
        /// Package names, sorted.
        packages: Vec<&'static str>,
        /// Package names that depend on a version, sorted.
        versioned: Vec<String>,
    },
    /// Add a repository and its key.
    AptRepository(AptRepository),
    /// Switch the distribution's own source lists to a mirror.
    AptMirror {
        /// The command that does it.
        call: Call,
    },
    /// Have the tree of a source at a path.
    Tree {
        /// Which one.
        source: Source,
        /// Absolute path.
        to: String,
    },
    /// Run one command.
    Run {
        /// The command.
        call: Call,
    },
}

impl Action {
    /// Packages that this action installs.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        let (fixed, versioned): (&[&'static str], &[String]) = match self {
            Self::AptInstall { packages, versioned } => (packages, versioned),
            _ => (&[], &[]),
        };
        fixed.iter().copied().chain(versioned.iter().map(String::as_str))
    }
}

/// How it is decided that a step is done already.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "when", content = "of")]
pub enum Probe {
    /// Every package of the step is installed.
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
    /// What it does, in order.
    pub actions: Vec<Action>,
    /// When it is done already.
    pub done: Probe,
}

/// The ordered steps that make a builder.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct InstallPlan {
    /// For people: `Debian 12, amd64, cpu`.
    pub title: String,
    /// Steps in order.
    pub steps: Vec<InstallStep>,
    /// Dependencies that are units of their own: the driver builds them, keyed and cached, after the steps.
    pub units: Vec<GrpcPin>,
}
