//! From the identity of a row back to its unit.

use model::image_names::{Collision, TagSuffix};
use model::manifest::Manifests;
use model::platform::Platform;
use model::text::suggest;
use model::unit::UnitId;

/// No unit has this identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRow {
    /// The manifests themselves are at odds.
    #[error(transparent)]
    Collision(#[from] Collision),
    /// Nothing is published under the suffix.
    #[error("nothing is published under `{suffix}`{hint} (`cargo xtask merge --list` shows all suffixes)")]
    Suffix {
        /// As asked for.
        suffix: TagSuffix,
        /// Suggestion.
        hint: String,
    },
    /// The image does not exist on the platform.
    #[error("`{suffix}` is not made for {platform}; it is made for: {known}")]
    Platform {
        /// As asked for.
        suffix: TagSuffix,
        /// As asked for.
        platform: Platform,
        /// The image's platforms.
        known: String,
    },
    /// The image exists on several platforms, and none was named.
    #[error("`{suffix}` is made for several platforms: add --platform with one of {known}")]
    Ambiguous {
        /// As asked for.
        suffix: TagSuffix,
        /// The image's platforms.
        known: String,
    },
}

/// The unit of a suffix and a platform, which may be left away where there is only one.
pub fn find(manifests: &Manifests, suffix: &TagSuffix, platform: Option<Platform>) -> Result<UnitId, NoRow> {
    let all = manifests.groups()?;
    let Some(group) = all.iter().find(|group| group.suffix == *suffix) else {
        let hint = suggest::hint(suffix.as_str(), all.iter().map(|group| group.suffix.as_str()));
        return Err(NoRow::Suffix { suffix: suffix.clone(), hint });
    };
    let known = || group.platforms().map(Platform::as_str).collect::<Vec<_>>().join(", ");
    let mut fitting = group.units().filter(|unit| platform.is_none_or(|wanted| wanted == unit.platform));
    match (fitting.next(), fitting.next(), platform) {
        (Some(unit), None, _) => Ok(unit.clone()),
        (None, _, Some(platform)) => {
            Err(NoRow::Platform { suffix: suffix.clone(), platform, known: known() })
        }
        _ => Err(NoRow::Ambiguous { suffix: suffix.clone(), known: known() }),
    }
}
