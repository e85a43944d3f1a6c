//! A row of `root-images` as it is written.

use crate::base::Toolkit;
use crate::host::Distro;
use crate::platform::Platform;

/// An image with a toolkit's runtime libraries that starts any packaged backend.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "RootImage")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawRootImage {
    /// The end of its published tags, as in `-gpu-vulkan`; the core image has none.
    pub tag_suffix: Option<String>,
    /// What it is built for.
    pub platforms: Vec<Platform>,
    /// The image that it starts from.
    pub image: String,
    /// The distribution inside.
    pub distro: Distro,
    /// What its backends were compiled for.
    pub toolkit: Toolkit,
    /// CUDA version, as in `"12.8"`.
    pub cuda: Option<String>,
    /// The image already carries the drivers and toolkits.
    #[serde(default)]
    pub skip_drivers: bool,
}
