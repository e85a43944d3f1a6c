//! What an event asks for: a change, a release, or a refresh.

use model::event::{Event, GitRef, Trigger};

/// Why anything is queued at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// A change: what it touches is built and merged, and what earlier ones left unbuilt.
    Change,
    /// A change that is only looked at: what it touches is built, and nothing is published.
    Check,
    /// A release: every image gets its name, and what has no image is built.
    Release,
    /// A timer: whatever has no image is built; what floats, if that would bring anything else.
    Refresh,
}

impl Occasion {
    /// By the event. Outside of CI it is as if the change were pushed.
    pub fn of(event: &Event) -> Self {
        match &event.trigger {
            Trigger::Push(GitRef::Tag(_)) | Trigger::Dispatch(GitRef::Tag(_)) => Self::Release,
            Trigger::Schedule(_) => Self::Refresh,
            Trigger::Push(GitRef::Branch(_)) | Trigger::Dispatch(GitRef::Branch(_)) | Trigger::Local => {
                Self::Change
            }
            Trigger::PullRequest { .. } | Trigger::MergeGroup | Trigger::Unknown { .. } => Self::Check,
        }
    }

    /// Whether images of several platforms are made of those of one.
    pub fn merges(self) -> bool {
        self != Self::Check
    }
}
