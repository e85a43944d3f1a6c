//! Whether a Git tag is a version, and of which kind, as npm's strict `semver` has it: a leading `v` is allowed.

use semver::Version;

/// The largest number that the action's language holds exactly; larger ones are no versions to it.
const LARGEST: u64 = (1 << 53) - 1;
/// Longer texts are no versions.
const LONGEST: usize = 256;

/// What kind of version it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As in `v1.2.3`.
    Release,
    /// As in `v1.2.3-rc.1`.
    PreRelease,
}

/// The kind of a version; none if the text is no version.
pub(super) fn kind(text: &str) -> Option<Kind> {
    if text.len() > LONGEST {
        return None;
    }
    let version = Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()?;
    let numbers = [version.major, version.minor, version.patch];
    let kind = if version.pre.is_empty() { Kind::Release } else { Kind::PreRelease };
    numbers.iter().all(|number| *number <= LARGEST).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_versions_only() {
        for text in ["1.2.3", "v0.0.0", "v4.9.0", "1.2.3+build.01", "v9007199254740991.0.0"] {
            assert_eq!(kind(text), Some(Kind::Release), "{text}");
        }
        for text in ["v1.2.3-rc.1", "1.0.0-0", "1.0.0-a-b.0x", "1.0.0--", "1.0.0-a+b"] {
            assert_eq!(kind(text), Some(Kind::PreRelease), "{text}");
        }
        let long = format!("1.0.0-{}", "a".repeat(251));
        for text in [
            "",
            "v",
            "1",
            "1.2",
            "1.2.3.4",
            "01.2.3",
            "1.2.03",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3-a..b",
            "1.2.3+",
            "=1.2.3",
            "vv1.2.3",
            "V1.2.3",
            "1.2.3-ä",
            "9007199254740992.0.0",
            "1.2.x",
            &long,
        ] {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
