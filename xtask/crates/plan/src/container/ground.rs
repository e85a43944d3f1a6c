//! What a container build starts from: an image, and what is installed on it.

use super::BaseKey;
use crate::deps::{self, InstallPlan};
use crate::host::Distro;
use crate::name::BaseName;
use crate::platform::Platform;

/// An image and what is installed on it before a unit's own steps run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
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
    /// The row of `bases` that is the same thing made ahead; none if nobody makes it.
    pub prebuilt: Option<BaseName>,
}

impl Ground {
    /// `install.sh`: the one script that both a prebuilt base and a `builder-fromsource` stage run.
    pub fn install_sh(&self) -> String {
        deps::render_sh(&self.install)
    }

    /// Its key.
    pub fn key(&self) -> BaseKey {
        BaseKey::of(self.platform, &self.image, &self.install_sh())
    }

    /// Its name for people: the base's, or else the image's.
    pub fn name(&self) -> &str {
        self.prebuilt.as_ref().map_or(&self.image, BaseName::as_str)
    }
}
