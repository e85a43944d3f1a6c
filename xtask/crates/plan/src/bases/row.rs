//! One base as it is listed.

use super::choice::uses;
use crate::container::Ground;
use crate::toolchain::DepsError;
use model::backend::Backend;
use model::base_image::{BaseImage, Toolkit};
use model::image_names::CacheTag;
use model::key::Key;
use model::name::{BackendName, BaseName, VariantName};
use model::oci::Tag;
use model::platform::Platform;
use model::source::Pins;
use model::template::Templates;
use model::variant::{Cuda, Variant};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Whether the registry has a base.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It has it.
    Present,
    /// It does not.
    Absent,
    /// Nobody could tell, and why.
    Unknown(String),
}

/// Backends that start from a base, with the variants in which they do.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
#[serde(transparent)]
pub struct Consumers(BTreeMap<BackendName, BTreeSet<VariantName>>);

/// One base as it is listed and built.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BaseRow {
    /// Its name.
    pub name: BaseName,
    /// What it is built for.
    pub platform: Platform,
    /// The image that it starts from.
    pub image: String,
    /// What is installed on top.
    pub toolkit: Toolkit,
    /// CUDA version, for NVIDIA.
    pub cuda: Option<String>,
    /// The distribution inside, for people.
    pub distro: &'static str,
    /// The image already carries the drivers and toolkits.
    pub skip_drivers: bool,
    /// The tag for people.
    pub tag: Tag,
    /// What its content is known by.
    pub key: Key,
    /// Who starts from it.
    pub consumers: Consumers,
    /// Image and install plan.
    #[serde(skip)]
    pub ground: Ground,
}

impl BaseRow {
    /// The tag under which builds look for it.
    pub fn key_tag(&self) -> Tag {
        CacheTag::BaseKey(self.key).tag()
    }
}

impl Consumers {
    fn of<'a>(
        base: &BaseName,
        backends: impl Iterator<Item = &'a Backend>,
        variants: &BTreeMap<VariantName, Variant>,
    ) -> Self {
        let mut found: BTreeMap<BackendName, BTreeSet<VariantName>> = BTreeMap::new();
        for backend in backends {
            for (_, variant, _) in uses(backend, variants).filter(|(used, ..)| *used == base) {
                found.entry(backend.name.clone()).or_default().insert(variant.clone());
            }
        }
        Self(found)
    }
}

impl fmt::Display for Consumers {
    /// `llama-cpp (sycl-f16, sycl-f32)`, one after the other; `nobody` for none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nobody");
        }
        for (index, (backend, variants)) in self.0.iter().enumerate() {
            let variants: Vec<&str> = variants.iter().map(VariantName::as_str).collect();
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{backend} ({})", variants.join(", "))?;
        }
        Ok(())
    }
}

/// Rows of these bases, in their order.
pub fn rows<'a>(
    bases: impl IntoIterator<Item = &'a BaseImage>,
    backends: &BTreeMap<BackendName, Backend>,
    variants: &BTreeMap<VariantName, Variant>,
    templates: &Templates,
    pins: Pins<'_>,
) -> Result<Vec<BaseRow>, DepsError> {
    let row = |base: &BaseImage| {
        let ground = Ground::of_base(base, templates, pins)?;
        Ok(BaseRow {
            name: base.name.clone(),
            platform: base.platform,
            image: base.image.clone(),
            toolkit: base.toolkit,
            cuda: base.cuda.as_ref().map(Cuda::to_string),
            distro: ground.distro.as_str(),
            skip_drivers: base.skip_drivers,
            tag: base.tag(),
            key: ground.key(),
            consumers: Consumers::of(&base.name, backends.values(), variants),
            ground,
        })
    };
    bases.into_iter().map(row).collect()
}
