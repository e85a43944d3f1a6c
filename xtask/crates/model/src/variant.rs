//! Variants: the checked rows of `backend/variants.yaml`.

use crate::backend::Recipe;
use crate::base::Base;
use crate::build_type::BuildType;
use crate::host::Distro;
use crate::name::{BaseName, VariantName};
use crate::platform::{Arch, Platform};
use crate::script::Language;
use std::collections::BTreeMap;

/// A CUDA toolkit version, as in `12.8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Cuda {
    /// Major version.
    pub major: u8,
    /// Minor version.
    pub minor: u8,
}

/// The text is no version of CUDA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a CUDA version")]
pub struct CudaError(String);

impl CudaError {
    /// What to write instead.
    pub const HELP: &str = "write major and minor version in quotes, as in \"12.8\"";
}

impl std::str::FromStr for Cuda {
    type Err = CudaError;
    fn from_str(text: &str) -> Result<Self, CudaError> {
        let parts = text.split_once('.');
        let version = parts
            .and_then(|(major, minor)| Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? }));
        version.ok_or_else(|| CudaError(text.to_owned()))
    }
}

impl TryFrom<String> for Cuda {
    type Error = CudaError;
    fn try_from(text: String) -> Result<Self, CudaError> {
        text.parse()
    }
}

text_schema!(Cuda, "cuda-version");

impl std::fmt::Display for Cuda {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

named_enum! {
    /// An Ubuntu release that base images are made of.
    Ubuntu, "an Ubuntu release" {
        /// 22.04, jammy.
        Jammy = "22.04",
        /// 24.04, noble.
        Noble = "24.04",
    }
}

impl From<Ubuntu> for Distro {
    fn from(release: Ubuntu) -> Self {
        match release {
            Ubuntu::Jammy => Self::Ubuntu2204,
            Ubuntu::Noble => Self::Ubuntu2404,
        }
    }
}

/// What a builder is made of, and the row of `bases` that is the same made ahead.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Start {
    /// What it is made of.
    pub base: Base,
    /// The row.
    pub prebuilt: Option<BaseName>,
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
    /// What backends of some languages start from instead.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_language: BTreeMap<Arch, BTreeMap<Language, Start>>,
    /// Platforms that the variant exists on.
    pub platforms: Vec<Platform>,
    /// Whether this variant can be built natively, on a host prepared by `install-base-deps`.
    pub native: bool,
}

impl Variant {
    /// What builders of backends of a language are made of, and the row of `bases` that is the same made ahead.
    pub fn base(&self, arch: Arch, language: Option<Language>) -> Option<(&Base, Option<&BaseName>)> {
        let own = language.and_then(|language| self.by_language.get(&arch)?.get(&language));
        match own {
            Some(own) => Some((&own.base, own.prebuilt.as_ref())),
            None => Some((self.bases.get(&arch)?, self.prebuilt.get(&arch))),
        }
    }

    /// What a backend of this kind calls the device.
    pub fn build_type_of(&self, recipe: &Recipe) -> BuildType {
        if recipe.language() == Language::Python { self.python_build_type } else { self.build_type }
    }
}
