//! Whether an image is built: a pure choice, so that a dry run decides as the run does.

use super::row::Presence;

/// What happens to an image, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "do", content = "why")]
pub enum Decision {
    /// It is built.
    Build(String),
    /// It is there as it would be built.
    Skip(String),
}

/// Builds what the registry is not known to have under `tag`, a short form of it. `force` builds all the same: packages
/// of the distribution move while the key, which names no versions of theirs, stays.
pub fn decide(tag: &str, presence: &Presence, force: bool) -> Decision {
    match presence {
        Presence::Present if force => {
            Decision::Build(format!("--force: the registry has {tag}, and its tags will move"))
        }
        Presence::Present => Decision::Skip(format!("the registry has {tag}; --force builds it anew")),
        Presence::Absent => Decision::Build(format!("the registry has no {tag}")),
        Presence::Unknown(why) => Decision::Build(format!("whether {tag} is there is unknown: {why}")),
    }
}
