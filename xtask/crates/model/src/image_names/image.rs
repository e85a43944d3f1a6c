//! What is published: an image of a backend, or the root image.

use super::{ArtifactName, CacheTag, PlatformTag, TagSuffix};
use crate::oci::Tag;

/// A published image, whatever its platforms and versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Image {
    /// One variant of one backend.
    Backend(TagSuffix),
    /// The root image, which starts backends; the core one has no suffix.
    Root(Option<TagSuffix>),
}

impl Image {
    /// The suffix of every published tag; empty for the core image.
    pub fn suffix(&self) -> &str {
        match self {
            Self::Backend(suffix) | Self::Root(Some(suffix)) => suffix.as_str(),
            Self::Root(None) => "",
        }
    }

    /// The suffix where it may not be empty.
    pub fn suffix_or_core(&self) -> &str {
        match self {
            Self::Root(None) => "-core",
            other => other.suffix(),
        }
    }

    /// Where one platform's layers are cached.
    pub fn layers(&self, platform: PlatformTag) -> Tag {
        CacheTag::Layers { image: self.clone(), platform }.tag()
    }

    /// The artifact that carries one platform's digest to the merge.
    pub fn artifact(&self, platform: PlatformTag) -> ArtifactName {
        ArtifactName::of(self, platform)
    }

    /// The pattern that matches the artifacts of every platform of this image, and of no other.
    pub fn artifacts(&self) -> String {
        ArtifactName::pattern(self)
    }

    /// The tag that keeps one platform's image from being collected until the merge has run.
    pub fn keepalive(&self, run: u64, platform: PlatformTag) -> Tag {
        let suffix = match self {
            Self::Backend(suffix) | Self::Root(Some(suffix)) => Some(suffix.clone()),
            Self::Root(None) => None,
        };
        CacheTag::Keepalive { run, suffix, platform }.tag()
    }
}
