//! Whether an image is built: a pure choice, so that a dry run decides as the run does.

use crate::presence::Presence;

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
        Presence::Present(_) if force => {
            Decision::Build(format!("--force: the registry has {tag}, and its tags will move"))
        }
        Presence::Present(_) => Decision::Skip(format!("the registry has {tag}; --force builds it anew")),
        Presence::Refused(why) => {
            Decision::Build(format!("the registry has {tag}, and it is not used: {why}"))
        }
        Presence::Absent => Decision::Build(format!("the registry has no {tag}")),
        Presence::Unknown(why) => Decision::Build(format!("whether {tag} is there is unknown: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_skipped_unless_it_is_forced() {
        let present = Presence::Present(format!("sha256:{}", "1".repeat(64)).parse().unwrap());
        let unknown = Presence::Unknown("--offline".to_owned());
        for (presence, force, builds, why) in [
            (&Presence::Absent, false, true, "has no base-"),
            (&Presence::Absent, true, true, "has no base-"),
            (&present, false, false, "--force"),
            (&present, true, true, "its tags will move"),
            (&unknown, false, true, "--offline"),
            (&Presence::Refused("nobody says who made it".to_owned()), false, true, "nobody says"),
        ] {
            let (built, said) = match decide("base-0123", presence, force) {
                Decision::Build(why) => (true, why),
                Decision::Skip(why) => (false, why),
            };
            assert_eq!(built, builds, "{presence:?} {force}");
            assert!(said.contains(why) && said.contains("base-0123"), "{said}");
        }
    }
}
