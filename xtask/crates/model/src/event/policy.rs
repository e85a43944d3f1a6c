//! What a run may write, decided in one place.

use super::{Event, Head, Trigger};

/// What a run may do with the shared caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct CachePolicy {
    /// Caches are read: always.
    pub read: bool,
    /// Layers, compiler caches, bases and images by key are written.
    pub write: bool,
}

/// Where images go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Publish {
    /// Nowhere.
    Nothing,
    /// To the repository for pull requests.
    PullRequests,
    /// To the repositories that users pull from.
    Released,
}

/// What a run may write, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Decision {
    /// The shared caches.
    pub cache: CachePolicy,
    /// Images.
    pub publish: Publish,
    /// The reason, for the user.
    pub reason: String,
}

/// Decides what a run may write. `push` is the user's own `--push`; outside CI it is the only thing that allows writing,
/// and nothing allows a pull request to write a cache that other runs read.
pub fn decide(event: &Event, push: bool) -> Decision {
    let (write, publish, why) = match &event.trigger {
        Trigger::Push(_) | Trigger::Schedule(_) | Trigger::Dispatch(_) if event.is_reviewed() => {
            (true, Publish::Released, "caches are read and written")
        }
        Trigger::Push(_) | Trigger::Schedule(_) | Trigger::Dispatch(_) => (
            false,
            Publish::Nothing,
            "caches are read only, nothing is published: it is neither the default branch nor a protected tag",
        ),
        Trigger::PullRequest { head: Head::Same, .. } => {
            (false, Publish::PullRequests, "caches are read and never written")
        }
        Trigger::PullRequest { head: Head::Fork, .. } => {
            (false, Publish::Nothing, "caches are read and never written, nothing is published")
        }
        Trigger::MergeGroup | Trigger::Unknown { .. } => {
            (false, Publish::Nothing, "caches are read only, nothing is published")
        }
        Trigger::Local if push => (true, Publish::Released, "--push: caches are read and written"),
        Trigger::Local => (false, Publish::Nothing, "caches are read only; --push would write them"),
    };
    Decision {
        cache: CachePolicy { read: true, write },
        publish,
        reason: format!("{}: {why}", event.trigger),
    }
}
