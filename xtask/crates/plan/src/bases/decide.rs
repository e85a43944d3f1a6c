//! Whether a base is built: a pure choice, so that a dry run decides as the run does.

use super::row::{BaseRow, Presence};

/// What happens to a base, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "do", content = "why")]
pub enum Decision {
    /// It is built.
    Build(String),
    /// It is there as it would be built.
    Skip(String),
}

/// Builds what the registry is not known to have. `force` builds all the same: packages of the distribution move while
/// the key, which names no versions of theirs, stays.
pub fn decide(row: &BaseRow, presence: &Presence, force: bool) -> Decision {
    let key = row.key.short();
    match presence {
        Presence::Present if force => {
            Decision::Build(format!("--force: the registry has base-{key}, and both of its tags will move"))
        }
        Presence::Present => Decision::Skip(format!("the registry has base-{key}; --force builds it anew")),
        Presence::Absent => Decision::Build(format!("the registry has no base-{key}")),
        Presence::Unknown(why) => Decision::Build(format!("whether base-{key} is there is unknown: {why}")),
    }
}
