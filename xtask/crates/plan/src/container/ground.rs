//! What a container build starts from: an image, and what is installed on it.

use super::base_key::base_key;
use crate::toolchain::{self, Action, DepsError, Family, InstallPlan, Trees};
use model::base_image::BaseImage;
use model::host::Distro;
use model::image_names::CacheTag;
use model::key::Key;
use model::name::{BaseName, Label, PinName};
use model::oci::Tag;
use model::platform::Platform;
use model::source::Pins;
use model::template::{Template, Templates};
use serde::ser::SerializeStruct as _;

/// An image and what is installed on it before a unit's own steps run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// What it runs on.
    pub platform: Platform,
    /// The image as it is written in `backend/variants.yaml`, digest and all.
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

impl Ground {
    /// What a row of `bases` says.
    pub fn of_base(base: &BaseImage, templates: &Templates, pins: Pins<'_>) -> Result<Self, DepsError> {
        let request = toolchain::Request::for_base_image(base, Family::Cpp(base.grpc));
        let template = templates.digest(Template::Base);
        let ground = Self::of(base.platform, &base.image, template, &request, pins)?;
        Ok(Self { prebuilt: Some(base.name.clone()), ..ground })
    }

    /// `image` with what `request` asks for.
    pub(crate) fn of(
        platform: Platform,
        image: &str,
        template: Option<&str>,
        request: &toolchain::Request,
        pins: Pins<'_>,
    ) -> Result<Self, DepsError> {
        Ok(Self {
            platform,
            image: image.to_owned(),
            distro: request.distro,
            install: toolchain::plan(request, pins)?,
            path: request.path(pins)?,
            template: template.map(str::to_owned),
            prebuilt: None,
        })
    }

    /// `install.sh`: the one script that both a prebuilt base and a `builder-fromsource` stage run.
    pub fn install_sh(&self) -> String {
        toolchain::script(&self.install.title, &self.install_steps())
    }

    /// Its steps, by name.
    pub(super) fn install_steps(&self) -> Vec<(Label, String)> {
        toolchain::render_steps(&self.install, Trees::Mounted)
    }

    /// The sources whose trees its script wants to have mounted.
    pub fn sources(&self) -> impl Iterator<Item = &PinName> {
        let actions = self.install.steps.iter().flat_map(|step| &step.actions);
        actions.filter_map(|action| match action {
            Action::Tree { source, .. } => Some(&source.name),
            _ => None,
        })
    }

    /// The tag under which the cache repository holds it.
    pub fn tag(&self) -> Tag {
        CacheTag::BaseKey(self.key()).tag()
    }

    /// Its key.
    pub fn key(&self) -> Key {
        base_key(self, &self.install_sh())
    }

    /// Its name for people: the base's, or else the image's.
    pub fn name(&self) -> &str {
        self.prebuilt.as_ref().map_or(&self.image, BaseName::as_str)
    }
}

/// Steps by name alone: they are read as the script, and known by the key.
impl serde::Serialize for Ground {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { platform, image, distro, path, install, template: _, prebuilt } = self;
        let steps: Vec<_> = install.steps.iter().map(|step| &step.id).collect();
        let mut row = serializer.serialize_struct("Ground", 7)?;
        row.serialize_field("prebuilt", prebuilt)?;
        row.serialize_field("key", &self.key())?;
        row.serialize_field("platform", platform)?;
        row.serialize_field("image", image)?;
        row.serialize_field("distro", distro)?;
        row.serialize_field("path", path)?;
        row.serialize_field("install", &steps)?;
        row.end()
    }
}
