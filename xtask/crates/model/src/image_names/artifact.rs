//! Names of the CI artifacts that carry digests from the build jobs to the merge.

use super::{Image, PlatformTag};
use std::fmt;

/// An artifact that holds one empty file, named by the hexadecimal digest of one platform's image.
///
/// Two dashes end the suffix: with one, the pattern of `-gpu-nvidia-cuda-12-vllm` would also match the artifacts of
/// `-gpu-nvidia-cuda-12-vllm-omni`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct ArtifactName(String);

impl ArtifactName {
    pub(super) fn of(image: &Image, platform: PlatformTag) -> Self {
        Self(format!("{}{}", stem(image), platform.or_single()))
    }

    pub(super) fn pattern(image: &Image) -> String {
        format!("{}*", stem(image))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn stem(image: &Image) -> String {
    match image {
        Image::Backend(suffix) => format!("digests{suffix}--"),
        Image::Root(_) => format!("digests-localai{}--", image.suffix_or_core()),
    }
}

impl fmt::Display for ArtifactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
