//! `backend/variants.yaml` as it is written.

use super::{RawRootImage, Table};
use crate::base::Toolkit;
use crate::build_type::BuildType;
use crate::grpc::Grpc;
use crate::grpc::GrpcPin;
use crate::host::Distro;
use crate::platform::Platform;
use crate::time::refresh::Refresh;
use crate::variant::Ubuntu;

/// Registries, builder bases and the ways to build.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Variants", title = "variants.yaml")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawVariants {
    /// Image repositories.
    pub registry: RawRegistry,
    /// How often requirements that are not locked are resolved anew.
    pub refresh: Refresh,
    /// The variant that is built when none is named, by platform.
    pub defaults: Table<String>,
    /// Prebuilt builder bases; the tag is `base-grpc-` and the key.
    pub bases: Table<RawBase>,
    /// Which units start from which base.
    pub consumers: Vec<RawConsumer>,
    /// Ways to build, by name.
    pub variants: Table<RawVariant>,
    /// Root images, by name: what starts packaged backends.
    #[serde(default)]
    pub root_images: Table<RawRootImage>,
}

/// Image repositories.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Registry")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawRegistry {
    /// Holds what is shared between machines: layer caches, bases, finished images by key.
    pub cache: String,
    /// Where backend images are published.
    pub backends: Vec<String>,
    /// Where the root image is published.
    pub root: Vec<String>,
    /// Where images of pull requests go.
    pub pull_requests: String,
}

/// One prebuilt builder base.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Base")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawBase {
    /// What it is built for.
    pub platform: Platform,
    /// The CI runner that builds it.
    pub runner: String,
    /// The image that it starts from.
    pub image: String,
    /// What is installed on top.
    pub toolkit: Toolkit,
    /// CUDA version, as in `"12.8"`.
    pub cuda: Option<String>,
    /// Ubuntu release inside the image; either this or `distro`.
    pub ubuntu: Option<Ubuntu>,
    /// The distribution inside the image.
    pub distro: Option<Distro>,
    /// The image already carries the drivers and toolkits.
    #[serde(default)]
    pub skip_drivers: bool,
    /// The gRPC that C++ units find on it.
    #[serde(default)]
    pub grpc: RawGrpc,
}

/// Which units start from a base.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Consumer")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawConsumer {
    /// Build types that it serves.
    pub build_types: Vec<BuildType>,
    /// CUDA major version.
    pub cuda: Option<u8>,
    /// Platform.
    pub platform: Platform,
    /// A key of `bases`.
    pub base: String,
}

/// One way to build.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Variant")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawVariant {
    /// What kernels are compiled for.
    pub build_type: BuildType,
    /// The build type of Python backends, where it has another name.
    pub python_build_type: Option<BuildType>,
    /// CUDA version, as in `"12.8"`.
    pub cuda: Option<String>,
    /// GPU targets; none means the build's default.
    #[serde(default)]
    pub gpu_targets: Vec<String>,
    /// Platforms that the variant exists on.
    pub platforms: Vec<Platform>,
    /// It can be built on a host prepared by `install-base-deps`.
    #[serde(default)]
    pub native: bool,
    /// What container builds start from, on platforms for which `consumers` names no base.
    #[serde(default)]
    pub images: Table<RawImage>,
}

/// What container builds start from.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Image")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawImage {
    /// Image reference.
    pub image: String,
    /// Ubuntu release inside the image; either this or `distro`.
    pub ubuntu: Option<Ubuntu>,
    /// The distribution inside the image.
    pub distro: Option<Distro>,
    /// The image already carries the drivers and toolkits.
    #[serde(default)]
    pub skip_drivers: bool,
    /// The gRPC that C++ units find on it.
    #[serde(default)]
    pub grpc: RawGrpc,
}

/// The gRPC of an image.
#[derive(Clone, Copy, Default, serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Grpc")]
#[serde(rename_all = "kebab-case")]
pub(in crate::manifest) enum RawGrpc {
    /// The distribution's packages.
    System,
    /// v1.65.0, compiled from its git hosts' sources into `/opt/grpc`.
    #[default]
    Source,
}

impl From<RawGrpc> for Grpc {
    fn from(raw: RawGrpc) -> Self {
        match raw {
            RawGrpc::System => Self::System,
            RawGrpc::Source => Self::Source(GrpcPin::Upstream),
        }
    }
}
