//! Which units become one multi-platform image.

use super::{Image, PlatformTag, TagSuffix};
use crate::backend::Backend;
use crate::name::VariantName;
use crate::platform::Platform;
use crate::unit::UnitId;
use crate::variant::Variant;
use std::collections::BTreeMap;

/// The units that share a suffix: one published image, with one platform each.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Group {
    /// Their suffix.
    pub suffix: TagSuffix,
    /// Never empty, and no platform twice.
    units: BTreeMap<Platform, UnitId>,
}

/// Two units would be published under one name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "variants `{first}` and `{second}` of `{backend}` would both be published as `{suffix}` for {platform}: drop one of \
     them there, or give one its own name in `tag-suffixes`"
)]
pub struct Collision {
    backend: String,
    /// The one that came first.
    pub first: VariantName,
    /// The one that came second.
    pub second: VariantName,
    suffix: TagSuffix,
    platform: Platform,
}

impl Group {
    /// The published image.
    pub fn image(&self) -> Image {
        Image::Backend(self.suffix.clone())
    }

    /// The units, in the order of their platforms.
    pub fn units(&self) -> impl Iterator<Item = &UnitId> {
        self.units.values()
    }

    /// The platforms that the published image must have.
    pub fn platforms(&self) -> impl Iterator<Item = Platform> {
        self.units.keys().copied()
    }

    /// What tells a platform from the others of this image.
    pub fn platform_tag(&self, platform: Platform) -> PlatformTag {
        if self.units.len() > 1 { PlatformTag::of(platform.arch) } else { PlatformTag::SINGLE }
    }
}

/// The images that a backend is published as, in the order of their suffixes.
pub fn groups(backend: &Backend, variants: &BTreeMap<VariantName, Variant>) -> Result<Vec<Group>, Collision> {
    let mut found: BTreeMap<TagSuffix, Group> = BTreeMap::new();
    for used in &backend.variants {
        let Some(variant) = variants.get(&used.variant) else { continue };
        for &platform in &used.platforms {
            let suffix = TagSuffix::of(backend, variant, platform);
            let group = found
                .entry(suffix.clone())
                .or_insert_with(|| Group { suffix: suffix.clone(), units: BTreeMap::new() });
            let unit = UnitId { backend: backend.name.clone(), variant: used.variant.clone(), platform };
            if let Some(first) = group.units.insert(platform, unit) {
                return Err(Collision {
                    backend: backend.name.to_string(),
                    first: first.variant,
                    second: used.variant.clone(),
                    suffix,
                    platform,
                });
            }
        }
    }
    Ok(found.into_values().collect())
}
