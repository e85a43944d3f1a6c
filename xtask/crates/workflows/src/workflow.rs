//! A workflow or a composite action: one file each.

use crate::job::Job;
use crate::step::Step;
use model::text::yaml::Node;

/// A workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Its file below `.github/workflows`, without the ending.
    pub file: &'static str,
    /// For people.
    pub name: &'static str,
    /// What it does: comment lines at its top.
    pub about: &'static [&'static str],
    /// What starts it.
    pub on: Triggers,
    /// In the order in which they are written.
    pub jobs: Vec<Job>,
}

/// What starts a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Triggers {
    /// A push.
    pub push: Option<Push>,
    /// A pull request; never the kind that runs with the secrets of the repository.
    pub pull_request: Option<PullRequest>,
    /// Times, in the syntax of cron, UTC.
    pub schedule: &'static [&'static str],
    /// A person.
    pub dispatch: bool,
    /// Another workflow.
    pub call: Option<Call>,
}

/// Which pushes, whatever files they change: what there is to do is decided by keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Push {
    /// Patterns of branches.
    pub branches: &'static [&'static str],
    /// Patterns of tags.
    pub tags: &'static [&'static str],
}

/// Which pull requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PullRequest {
    /// None, where every file matches one of these patterns.
    pub paths_ignore: &'static [&'static str],
}

/// How a workflow is called by others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// All of them required.
    pub inputs: &'static [Input],
    /// Names of secrets. None is required, as none is the caller's: each lies in the environment of the job that uses it,
    /// and is found there by a job of a called workflow only if the caller names it.
    pub secrets: Vec<String>,
    /// Values for the caller.
    pub outputs: &'static [Output],
}

/// An output of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output {
    /// Its name, also as an output of the job.
    pub name: &'static str,
    /// The job.
    pub job: &'static str,
    /// For people.
    pub about: &'static str,
}

/// An input of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// `string` or `boolean`.
    pub kind: &'static str,
    /// For people.
    pub about: &'static str,
}

/// What a job's token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// Read the repository.
    ReadContents,
    /// Prove who it is, for signatures.
    Identity,
}

impl Grant {
    /// As in `permissions`.
    pub fn entry(self) -> (&'static str, Node) {
        match self {
            Self::ReadContents => ("contents", Node::text("read")),
            Self::Identity => (
                "id-token",
                Node::Noted("write".to_owned(), "a signature says which workflow signed".to_owned()),
            ),
        }
    }
}

/// A composite action of this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompositeAction {
    /// Its directory below `.github/actions`.
    pub directory: &'static str,
    /// For people.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// All of them required.
    pub inputs: &'static [Input],
    /// In order.
    pub steps: Vec<Step>,
}
