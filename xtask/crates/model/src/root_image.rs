//! Root images: what a toolkit's backends need at run time, and a program that starts any packaged one.

use crate::base::{Base, Toolkit};
use crate::grpc::Grpc;
use crate::host::Distro;
use crate::image_names::{Image, PlatformTag, TagSuffix};
use crate::name::RootName;
use crate::platform::Platform;
use crate::text::suggest;
use crate::variant::Cuda;
use std::collections::BTreeMap;

/// An image with a toolkit's runtime libraries that starts any packaged backend.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(from = "RootRow")]
#[schemars(with = "RootRow")]
pub struct RootImage {
    /// Its name on the command line.
    pub name: RootName,
    /// The end of its published tags; the core image has none.
    pub suffix: Option<TagSuffix>,
    /// What it is built for; never empty.
    pub platforms: Vec<Platform>,
    /// What it is made of: what its backends were compiled for, and the image that has that.
    #[serde(flatten)]
    pub base: Base,
}

/// A row of `root-images` in `backend/variants.yaml`, as it is written.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "RootImage")]
struct RootRow {
    #[schemars(skip)]
    name: RootName,
    /// The end of its published tags, as in `-gpu-vulkan`; the core image has none.
    tag_suffix: Option<TagSuffix>,
    /// What it is built for.
    platforms: Vec<Platform>,
    /// The image that it starts from.
    image: String,
    /// The distribution inside.
    distro: Distro,
    /// What its backends were compiled for.
    toolkit: Toolkit,
    /// CUDA version, as in `"12.8"`.
    cuda: Option<Cuda>,
    /// The image already carries the drivers and toolkits.
    #[serde(default)]
    skip_drivers: bool,
}

impl From<RootRow> for RootImage {
    fn from(row: RootRow) -> Self {
        let RootRow { name, tag_suffix: suffix, platforms, image, distro, toolkit, cuda, skip_drivers } = row;
        let base = Base { image, distro, toolkit, cuda, skip_drivers, grpc: Grpc::System };
        Self { name, suffix, platforms, base }
    }
}

/// A name that no row of `root-images` has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no root image `{text}`{hint} (`cargo xtask build-image --list` shows them all)")]
pub struct UnknownRoot {
    text: String,
    hint: String,
}

impl RootImage {
    /// The published image.
    pub fn published(&self) -> Image {
        Image::Root(self.suffix.clone())
    }

    /// What tells a platform from the others of this image.
    pub fn platform_tag(&self, platform: Platform) -> PlatformTag {
        if self.platforms.len() > 1 { PlatformTag::of(platform.arch) } else { PlatformTag::SINGLE }
    }

    /// Other names that the command line takes: the suffix, as in `gpu-vulkan`.
    fn alias(&self) -> Option<&str> {
        self.suffix.as_ref().map(|suffix| suffix.as_str().trim_start_matches('-'))
    }
}

/// The rows that the words of a command line name, in their order and each once; all rows for no words.
pub fn select<'a>(
    rows: &'a BTreeMap<RootName, RootImage>,
    words: &[String],
) -> Result<Vec<&'a RootImage>, UnknownRoot> {
    if words.is_empty() {
        return Ok(rows.values().collect());
    }
    let mut found: Vec<&RootImage> = Vec::new();
    for word in words {
        let named = |row: &&RootImage| row.name.as_str() == word || row.alias() == Some(word);
        let row = rows.values().find(named).ok_or_else(|| {
            let known = rows.values().flat_map(|row| [Some(row.name.as_str()), row.alias()]).flatten();
            UnknownRoot { text: word.clone(), hint: suggest::hint(word, known) }
        })?;
        if !found.contains(&row) {
            found.push(row);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::manifests;

    fn roots() -> BTreeMap<RootName, RootImage> {
        manifests().root_images
    }

    /// Suffix, platforms, toolkit, image: the reference's eight.
    #[test]
    fn the_rows_are_the_reference_s() {
        let told: Vec<String> = roots()
            .values()
            .map(|root| {
                let platforms: Vec<&str> =
                    root.platforms.iter().map(|platform| platform.arch.as_str()).collect();
                let cuda = root.base.cuda.map(|cuda| format!(" {cuda}")).unwrap_or_default();
                let suffix = root.published().suffix().to_owned();
                format!(
                    "{}|{suffix}|{}|{}{cuda}|{}",
                    root.name,
                    platforms.join("+"),
                    root.base.toolkit,
                    root.base.image
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "core||amd64+arm64|cpu|ubuntu:24.04",
                "cuda-12|-gpu-nvidia-cuda-12|amd64|cublas 12.8|ubuntu:24.04",
                "cuda-13|-gpu-nvidia-cuda-13|amd64|cublas 13.0|ubuntu:24.04",
                "hipblas|-gpu-hipblas|amd64|hipblas|rocm/dev-ubuntu-24.04:7.2.1",
                "intel|-gpu-intel|amd64|sycl|intel/oneapi-basekit:2025.3.2-0-devel-ubuntu24.04",
                "l4t|-nvidia-l4t-arm64|arm64|l4t 12.0|nvcr.io/nvidia/l4t-jetpack:r36.4.0",
                "l4t-cuda-13|-nvidia-l4t-arm64-cuda-13|arm64|cublas 13.0|ubuntu:24.04",
                "vulkan|-gpu-vulkan|amd64+arm64|vulkan|ubuntu:24.04",
            ]
        );
    }

    #[test]
    fn cache_tags_and_artifacts_are_the_reference_s() {
        let roots = roots();
        let names = |name: &str| -> Vec<String> {
            let root = &roots[name];
            let of = |platform: &Platform| {
                let (image, tag) = (root.published(), root.platform_tag(*platform));
                format!("{} {}", image.layers(tag), image.artifact(tag))
            };
            root.platforms.iter().map(of).collect()
        };
        assert_eq!(
            names("core"),
            [
                "cache-localai-core-amd64 digests-localai-core--amd64",
                "cache-localai-core-arm64 digests-localai-core--arm64"
            ]
        );
        assert_eq!(
            names("cuda-12"),
            ["cache-localai-gpu-nvidia-cuda-12- digests-localai-gpu-nvidia-cuda-12--single"]
        );
    }

    #[test]
    fn a_row_is_named_by_its_suffix_as_well() {
        let roots = roots();
        let named = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let rows = select(&roots, &words)?;
            Ok(rows.iter().map(|root| root.name.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(named(&[]).unwrap().len(), 8);
        assert_eq!(named(&["gpu-vulkan", "core", "vulkan"]).unwrap(), ["vulkan", "core"]);
        let error: UnknownRoot = named(&["gpu-vulcan"]).unwrap_err();
        assert!(error.to_string().contains("did you mean `gpu-vulkan`"), "{error}");
    }
}
