//! Variants: the checked rows of `backend/variants.yaml`.

use crate::backend::Recipe;
use crate::base::Base;
use crate::build_type::BuildType;
use crate::host::Distro;
use crate::name::{BaseName, VariantName};
use crate::platform::{Arch, Platform};
use std::collections::BTreeMap;

/// A CUDA toolkit version, as in `12.8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Cuda {
    /// Major version.
    pub major: u8,
    /// Minor version.
    pub minor: u8,
}

impl std::fmt::Display for Cuda {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// An Ubuntu release that base images are made of.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub enum Ubuntu {
    /// 22.04, jammy.
    #[serde(rename = "22.04")]
    Jammy,
    /// 24.04, noble.
    #[serde(rename = "24.04")]
    Noble,
}

impl From<Ubuntu> for Distro {
    fn from(release: Ubuntu) -> Self {
        match release {
            Ubuntu::Jammy => Self::Ubuntu2204,
            Ubuntu::Noble => Self::Ubuntu2404,
        }
    }
}

/// One way to build.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Variant {
    /// Row name.
    pub name: VariantName,
    /// What kernels are compiled for.
    pub build_type: BuildType,
    /// The build type of Python backends, where the reference has another word for the same device.
    pub python_build_type: BuildType,
    /// CUDA toolkit, for the NVIDIA build types.
    pub cuda: Option<Cuda>,
    /// GPU targets for ROCm, CUDA architectures otherwise; empty means the build's default.
    pub gpu_targets: Vec<String>,
    /// What its builders are made of, by Linux architecture.
    pub bases: BTreeMap<Arch, Base>,
    /// Those of them that are made ahead.
    pub prebuilt: BTreeMap<Arch, BaseName>,
    /// Platforms that the variant exists on.
    pub platforms: Vec<Platform>,
    /// Whether this variant can be built natively, on a host prepared by `install-base-deps`.
    pub native: bool,
}

impl Variant {
    /// What a backend of this kind calls the device.
    pub fn build_type_of(&self, recipe: &Recipe) -> BuildType {
        match recipe {
            Recipe::Python(_) => self.python_build_type,
            Recipe::Cmake(_) | Recipe::Go(_) | Recipe::Rust(_) => self.build_type,
        }
    }
}
