//! What builders and root images are: an image, the script that fills it, and the key of both.

use crate::toolchain::{self, DepsError, Family, InstallPlan};
use model::base::{Base, PrebuiltBase};
use model::host::Distro;
use model::image_names::CacheTag;
use model::key::Key;
use model::name::{BaseName, Label, PinName, VariantName};
use model::oci::Tag;
use model::platform::Platform;
use model::source::Pins;
use model::template::{Template, Templates};
use serde::ser::SerializeStruct as _;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// Raised when builder images change without a change in any field.
const SCHEMA: u32 = 1;
/// The blake3 key-derivation context: a base's key can never equal a unit's.
const CONTEXT: &str = "inference-backends 2026-11 base key v2";

/// What an image is made of, before anything is derived from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingredients {
    /// What it runs on.
    pub platform: Platform,
    /// The image below it, as it is written in `backend/variants.yaml`, digest and all.
    pub image: String,
    /// The distribution inside.
    pub distro: Distro,
    /// What is installed.
    pub install: InstallPlan,
    /// Directories of programs that are looked into before the image's own PATH.
    pub path: Vec<String>,
    /// What stands in keys for the template that makes it; none where no template does.
    pub template: Option<String>,
    /// The row of `bases` that is the same thing made ahead; none if nobody makes it.
    pub prebuilt: Option<BaseName>,
}

/// One step of an install script, as key documents hold it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct InstalledStep {
    id: Label,
    run: String,
}

/// An image with what is installed on it, and the script and the key that follow from that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuilderImage {
    made_of: Ingredients,
    install_sh: String,
    steps: Vec<InstalledStep>,
    key: Key,
}

/// All that reaches a base: its platform, the image below it, the script that fills it and the template that runs the
/// script.
#[derive(serde::Serialize)]
struct Document<'a> {
    schema: u32,
    platform: Platform,
    image: &'a str,
    install: &'a str,
    template: Option<&'a str>,
    path: &'a [String],
}

impl BuilderImage {
    /// What a row of `bases` says.
    pub fn of_base(row: &PrebuiltBase, templates: &Templates, pins: Pins<'_>) -> Result<Self, DepsError> {
        let PrebuiltBase { name, platform, runner: _, base } = row;
        let template = templates.digest(Template::Base);
        Self::new(base, *platform, Family::Cpp(base.grpc), template, Some(name), pins)
    }

    /// What `base` says, for backends of a family; made ahead under the name `prebuilt`.
    pub fn new(
        base: &Base,
        platform: Platform,
        family: Family,
        template: Option<&str>,
        prebuilt: Option<&BaseName>,
        pins: Pins<'_>,
    ) -> Result<Self, DepsError> {
        let request = toolchain::Request::for_image(base, platform.arch, family);
        Ok(Self::from(Ingredients {
            platform,
            image: base.image.clone(),
            distro: base.distro,
            install: toolchain::plan(&request, pins)?,
            path: request.path(pins)?,
            template: template.map(str::to_owned),
            prebuilt: prebuilt.cloned(),
        }))
    }

    /// `install.sh`: the one script that both a prebuilt base and a `builder-fromsource` stage run.
    pub fn install_sh(&self) -> &str {
        &self.install_sh
    }

    /// The digest of [`Self::install_sh`].
    pub fn install_digest(&self) -> String {
        blake3::hash(self.install_sh.as_bytes()).to_hex().to_string()
    }

    /// Its steps, for the keys of units: `why` names the one that changed.
    pub fn steps(&self) -> &[InstalledStep] {
        &self.steps
    }

    /// The sources whose trees its script wants to have mounted.
    pub fn sources(&self) -> impl Iterator<Item = &PinName> {
        self.install.steps.iter().flat_map(|step| &step.sources).map(|source| &source.name)
    }

    /// Its key.
    pub fn key(&self) -> Key {
        self.key
    }

    /// The tag under which the cache repository holds it.
    pub fn tag(&self) -> Tag {
        CacheTag::BaseKey(self.key).tag()
    }

    /// Its name for people: the base's, or else the image's.
    pub fn name(&self) -> &str {
        self.prebuilt.as_ref().map_or(&self.image, BaseName::as_str)
    }
}

impl From<Ingredients> for BuilderImage {
    fn from(made_of: Ingredients) -> Self {
        let rendered = toolchain::render_steps(&made_of.install);
        let install_sh = toolchain::script(&made_of.install.title, &rendered);
        let digest = |text: String| blake3::hash(text.as_bytes()).to_hex().to_string();
        let steps = rendered.into_iter().map(|(id, text)| InstalledStep { id, run: digest(text) }).collect();
        let Ingredients { platform, image, distro: _, install: _, path, template, prebuilt: _ } = &made_of;
        let template = template.as_deref();
        let (platform, install) = (*platform, install_sh.as_str());
        let key = Key::of(CONTEXT, &Document { schema: SCHEMA, platform, image, install, template, path });
        Self { made_of, install_sh, steps, key }
    }
}

impl Deref for BuilderImage {
    type Target = Ingredients;

    fn deref(&self) -> &Ingredients {
        &self.made_of
    }
}

/// Steps by name alone: they are read as the script, and known by the key.
impl serde::Serialize for BuilderImage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Ingredients { platform, image, distro, path, install, template: _, prebuilt } = &self.made_of;
        let steps: Vec<_> = install.steps.iter().map(|step| &step.id).collect();
        let mut row = serializer.serialize_struct("BuilderImage", 7)?;
        row.serialize_field("prebuilt", prebuilt)?;
        row.serialize_field("key", &self.key)?;
        row.serialize_field("platform", platform)?;
        row.serialize_field("image", image)?;
        row.serialize_field("distro", distro)?;
        row.serialize_field("path", path)?;
        row.serialize_field("install", &steps)?;
        row.end()
    }
}

/// The builder images of one set of manifests. Hundreds of units start from a few dozen.
#[derive(Debug, Default)]
pub(crate) struct BuilderImages(Mutex<HashMap<(VariantName, Platform, Family), Arc<BuilderImage>>>);

impl BuilderImages {
    /// That of a family in a variant on a platform; `make` is asked for what is not known yet.
    pub fn get<E>(
        &self,
        variant: &VariantName,
        platform: Platform,
        family: Family,
        make: impl FnOnce() -> Result<BuilderImage, E>,
    ) -> Result<Arc<BuilderImage>, E> {
        let images = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = (variant.clone(), platform, family);
        if let Some(known) = images().get(&start) {
            return Ok(Arc::clone(known));
        }
        let image = Arc::new(make()?);
        images().insert(start, Arc::clone(&image));
        Ok(image)
    }
}
