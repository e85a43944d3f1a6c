//! The CI event that a run belongs to, and what it may write because of it.

mod captured;
mod policy;
mod read;
mod span;

pub use captured::Captured;
pub use policy::{CachePolicy, Decision, Publish, decide};
pub use span::Span;

use crate::source::Commit;
use std::fmt;

/// What a branch or tag event is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GitRef {
    /// `refs/heads/…`, without that.
    Branch(String),
    /// `refs/tags/…`, without that.
    Tag(String),
}

/// Whose code a pull request brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Head {
    /// A branch of this repository.
    Same,
    /// Another repository's, or nobody knows whose.
    Fork,
}

/// What started the run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A push of a branch or a tag.
    Push(GitRef),
    /// A pull request.
    PullRequest {
        /// Its number, if the payload tells it.
        number: Option<u64>,
        /// Whose code it brings.
        head: Head,
    },
    /// A timer, on a branch.
    Schedule(GitRef),
    /// Somebody's button, on a branch or tag.
    Dispatch(GitRef),
    /// A merge queue.
    MergeGroup,
    /// No CI: somebody's own machine.
    Local,
    /// Something that no rule is about.
    Unknown {
        /// Why nothing more is known.
        reason: String,
    },
}

/// The event that a run belongs to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Event {
    /// What started the run.
    pub trigger: Trigger,
    /// The commit that is built.
    pub commit: Option<Commit>,
    /// The branch that is built by default, if the payload tells it.
    pub default_branch: Option<String>,
    /// Rules of the repository say who may move the branch or tag that is built.
    pub protected: bool,
    /// The number of the run.
    pub run: Option<u64>,
}

impl Event {
    /// Reads what was captured. Whatever does not fit together makes an unknown event, never a trusted one.
    pub fn read(captured: &Captured) -> Self {
        read::read(captured)
    }

    /// The branch or tag that is built, unless that is a pull request or unknown.
    pub fn git_ref(&self) -> Option<&GitRef> {
        match &self.trigger {
            Trigger::Push(git_ref) | Trigger::Schedule(git_ref) | Trigger::Dispatch(git_ref) => Some(git_ref),
            Trigger::PullRequest { .. } | Trigger::MergeGroup | Trigger::Local | Trigger::Unknown { .. } => {
                None
            }
        }
    }

    /// Whether the repository's default branch is built.
    pub fn on_default_branch(&self) -> bool {
        match (self.git_ref(), &self.default_branch) {
            (Some(GitRef::Branch(branch)), Some(default)) => branch == default,
            _ => false,
        }
    }

    /// Whether what is built went through the rules of the repository: its default branch, on which timers run as well, or
    /// a protected tag. Anybody who may push can push any other branch or tag, and start a run on it.
    pub fn is_reviewed(&self) -> bool {
        match &self.trigger {
            Trigger::Schedule(GitRef::Branch(_)) => true,
            Trigger::Push(GitRef::Tag(_)) | Trigger::Dispatch(GitRef::Tag(_)) => self.protected,
            _ => self.on_default_branch(),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Push(GitRef::Branch(branch)) => write!(f, "push of branch {branch}"),
            Self::Push(GitRef::Tag(tag)) => write!(f, "push of tag {tag}"),
            Self::PullRequest { number, head } => {
                f.write_str("pull request")?;
                if let Some(number) = number {
                    write!(f, " {number}")?;
                }
                f.write_str(match head {
                    Head::Same => " from this repository",
                    Head::Fork => " from a fork",
                })
            }
            Self::Schedule(_) => f.write_str("schedule"),
            Self::Dispatch(_) => f.write_str("dispatch"),
            Self::MergeGroup => f.write_str("merge queue"),
            Self::Local => f.write_str("local run"),
            Self::Unknown { reason } => write!(f, "unknown event: {reason}"),
        }
    }
}
