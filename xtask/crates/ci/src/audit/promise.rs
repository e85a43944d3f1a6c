//! What the manifests promise: an image for each suffix, with its platforms.

use model::backend::{Backend, Recipe};
use model::image_names::{self, Collision, TagSuffix};
use model::key::Key;
use model::name::{BackendName, VariantName};
use model::oci::Tag;
use model::platform::Platform;
use model::unit::UnitId;
use model::variant::Variant;
use std::collections::BTreeMap;

/// One platform of a promised image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Leg {
    /// What it is made of.
    #[serde(flatten)]
    pub unit: UnitId,
    /// The key that it has in this checkout; none where only another machine can know it.
    pub key: Option<Key>,
    /// Its requirements float: the key changes with the calendar, and an older image is no fault.
    pub floats: bool,
}

/// One promised image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Promise {
    /// The end of its tags.
    pub suffix: TagSuffix,
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
        format!("{name}{}", self.suffix).parse().ok()
    }
}

/// All of them, by suffix. `key` tells what a unit's key is in this checkout.
pub fn promises(
    backends: &BTreeMap<BackendName, Backend>,
    variants: &BTreeMap<VariantName, Variant>,
    key: impl Fn(&UnitId) -> Option<Key>,
) -> Result<Vec<Promise>, PromiseError> {
    let mut found: BTreeMap<TagSuffix, (BackendName, Promise)> = BTreeMap::new();
    for backend in backends.values() {
        let floats = matches!(&backend.recipe, Recipe::Python(python) if python.lock.is_none());
        for group in image_names::groups(backend, variants)? {
            let leg = |unit: &UnitId| Leg { unit: unit.clone(), key: key(unit), floats };
            let legs = group.units().map(|unit| (unit.platform, leg(unit))).collect();
            let promise = Promise { suffix: group.suffix.clone(), legs };
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
