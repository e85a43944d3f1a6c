//! What the manifests promise: an image for each suffix, with its platforms.

use model::backend::Backend;
use model::image_names::{self, Collision, Image, TagSuffix};
use model::key::Key;
use model::name::{BackendName, RootName, VariantName};
use model::oci::Tag;
use model::platform::Platform;
use model::root_image::RootImage;
use model::unit::UnitId;
use model::variant::Variant;
use std::collections::BTreeMap;
use std::fmt;

/// What one platform of an image is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(untagged)]
pub enum Part {
    /// A backend.
    Unit(UnitId),
    /// A root image, for one of its platforms.
    Root {
        /// The name of its row.
        root: RootName,
        /// What it runs on.
        platform: Platform,
    },
}

impl Part {
    /// The unit, where it is one.
    pub fn unit(&self) -> Option<&UnitId> {
        match self {
            Self::Unit(unit) => Some(unit),
            Self::Root { .. } => None,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit(unit) => unit.fmt(f),
            Self::Root { root, platform } => write!(f, "root image {root} · {platform}"),
        }
    }
}

/// One platform of a promised image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Leg {
    /// What it is made of.
    #[serde(flatten)]
    pub of: Part,
    /// The key that it has in this checkout; none where only another machine can know it.
    pub key: Option<Key>,
    /// Its requirements float: the key changes with the calendar, and an older image is no fault.
    pub floats: bool,
}

/// One promised image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Promise {
    /// The end of its tags; that of the core image is empty.
    #[serde(rename = "suffix", serialize_with = "suffix")]
    pub image: Image,
    /// By platform; never empty.
    pub legs: BTreeMap<Platform, Leg>,
}

/// The manifests promise what cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromiseError {
    /// Two variants of a backend are one image.
    #[error(transparent)]
    Collision(#[from] Collision),
    /// Two backends are one image.
    #[error(
        "`{first}` and `{second}` would both be published as `{suffix}`: rename one, or give one its own name in \
         `tag-suffixes`"
    )]
    Shared {
        /// The one that comes first.
        first: BackendName,
        /// The other one.
        second: BackendName,
        /// The name.
        suffix: TagSuffix,
    },
}

impl Promise {
    /// The tag that users pull, for a name such as `latest`; none if the two are no tag together.
    pub fn tag(&self, name: &str) -> Option<Tag> {
        format!("{name}{}", self.image.suffix()).parse().ok()
    }
}

fn suffix<S: serde::Serializer>(image: &Image, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(image.suffix())
}

/// The root images, by name. `key` tells what one's key is in this checkout.
pub fn roots(
    rows: &BTreeMap<RootName, RootImage>,
    key: impl Fn(&RootImage, Platform) -> Option<Key>,
) -> Vec<Promise> {
    let promise = |row: &RootImage| {
        let leg = |&platform: &Platform| {
            let of = Part::Root { root: row.name.clone(), platform };
            (platform, Leg { of, key: key(row, platform), floats: false })
        };
        Promise { image: row.published(), legs: row.platforms.iter().map(leg).collect() }
    };
    rows.values().map(promise).collect()
}

/// All of them, by suffix. `key` tells what a unit's key is in this checkout.
pub fn promises(
    backends: &BTreeMap<BackendName, Backend>,
    variants: &BTreeMap<VariantName, Variant>,
    key: impl Fn(&UnitId) -> Option<Key>,
) -> Result<Vec<Promise>, PromiseError> {
    let mut found: BTreeMap<TagSuffix, (BackendName, Promise)> = BTreeMap::new();
    for backend in backends.values() {
        for group in image_names::groups(backend, variants)? {
            let leg = |unit: &UnitId| {
                let floats = backend.recipe.floats_in(&unit.variant);
                Leg { of: Part::Unit(unit.clone()), key: key(unit), floats }
            };
            let legs = group.units().map(|unit| (unit.platform, leg(unit))).collect();
            let promise = Promise { image: group.image(), legs };
            if let Some((first, _)) = found.insert(group.suffix.clone(), (backend.name.clone(), promise)) {
                return Err(PromiseError::Shared {
                    first,
                    second: backend.name.clone(),
                    suffix: group.suffix,
                });
            }
        }
    }
    Ok(found.into_values().map(|(_, promise)| promise).collect())
}

/// Whether a tag is the name with some suffix: `latest-cpu-x` for `latest`, and not `v1-rc.1-cpu-x` for `v1`.
pub fn resembles(tag: &Tag, name: &str) -> bool {
    let Some(rest) = tag.as_str().strip_prefix(name) else { return false };
    let version = ["-rc", "-alpha", "-beta", "-pre", "-dev"];
    let digits = rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    rest.parse::<TagSuffix>().is_ok() && !digits && !version.iter().any(|word| rest.starts_with(word))
}
