//! Manifests: what a tag or a digest names. Unknown fields are welcome, absurd sizes are not.

use crate::media;
use plan::oci::ImageDigest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of the largest manifest that is read; the specification lets registries refuse larger ones.
pub const MAX_BYTES: usize = 4 << 20;
/// Most descriptors that a manifest may hold.
const MAX_DESCRIPTORS: usize = 10_000;

/// What something is, how large, and its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Media type.
    pub media_type: String,
    /// Digest of the bytes.
    pub digest: ImageDigest,
    /// Number of bytes.
    pub size: u64,
    /// For what it runs on, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<ImagePlatform>,
    /// Free texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_as_default")]
    pub annotations: BTreeMap<String, String>,
    /// What kind of artifact it is, in a list of referrers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
}

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagePlatform {
    /// As Go calls it.
    pub os: String,
    /// As Go calls it.
    pub architecture: String,
    /// Such as `v8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// A manifest of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    /// One image, one cache, or one artifact.
    Image(Box<ImageManifest>),
    /// A list of manifests: an OCI index or a docker manifest list.
    Index(Box<Index>),
}

/// One image: its configuration and its layers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageManifest {
    /// Always 2.
    pub schema_version: u32,
    /// Its own media type, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What kind of artifact it is, if it is no image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The configuration.
    pub config: Descriptor,
    /// The layers, lowest first.
    #[serde(default, deserialize_with = "null_as_default")]
    pub layers: Vec<Descriptor>,
    /// What it is about, if it is attached to another manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// Free texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_as_default")]
    pub annotations: BTreeMap<String, String>,
}

/// A list of manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Always 2.
    pub schema_version: u32,
    /// Its own media type, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What it lists. BuildKit's older caches list layers here.
    #[serde(default, deserialize_with = "null_as_default")]
    pub manifests: Vec<Descriptor>,
    /// What it is about, if it is attached to another manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// Free texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_as_default")]
    pub annotations: BTreeMap<String, String>,
}

/// Why some bytes are no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Too large to be read.
    #[error("a manifest of {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(usize),
    /// Not JSON, or not of the right shape.
    #[error("not a manifest: {0}")]
    Shape(#[from] serde_json::Error),
    /// Of the first version, which nobody writes any more.
    #[error("manifest of schema version {0}, expected 2")]
    Version(u32),
    /// More than anybody needs.
    #[error("{0} descriptors, expected at most {MAX_DESCRIPTORS}")]
    TooMany(usize),
    /// Neither an image nor a list.
    #[error("neither `config` nor `manifests` is there")]
    Neither,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Probe {
    schema_version: Option<u32>,
    config: Option<serde::de::IgnoredAny>,
    manifests: Option<serde::de::IgnoredAny>,
}

impl Manifest {
    /// Reads a manifest. Its own fields decide what it is: headers may say otherwise.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_BYTES {
            return Err(ManifestError::TooLarge(bytes.len()));
        }
        let probe: Probe = serde_json::from_slice(bytes)?;
        match probe.schema_version {
            Some(2) => {}
            version => return Err(ManifestError::Version(version.unwrap_or(0))),
        }
        let (manifest, count) = if probe.config.is_some() {
            let image: Box<ImageManifest> = serde_json::from_slice(bytes)?;
            let count = image.layers.len();
            (Self::Image(image), count)
        } else if probe.manifests.is_some() {
            let index: Box<Index> = serde_json::from_slice(bytes)?;
            let count = index.manifests.len();
            (Self::Index(index), count)
        } else {
            return Err(ManifestError::Neither);
        };
        if count > MAX_DESCRIPTORS {
            return Err(ManifestError::TooMany(count));
        }
        Ok(manifest)
    }

    /// The media type that it says it has, or that its shape implies.
    pub fn media_type(&self) -> &str {
        match self {
            Self::Image(image) => image.media_type.as_deref().unwrap_or(media::OCI_MANIFEST),
            Self::Index(index) => index.media_type.as_deref().unwrap_or(media::OCI_INDEX),
        }
    }

    /// Manifests that it lists.
    pub fn children(&self) -> impl Iterator<Item = &Descriptor> {
        self.listed().filter(|descriptor| is_manifest(&descriptor.media_type))
    }

    /// Blobs that it refers to itself: configuration and layers.
    pub fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        let config = match self {
            Self::Image(image) => Some(&image.config),
            Self::Index(_) => None,
        };
        config.into_iter().chain(self.listed().filter(|descriptor| !is_manifest(&descriptor.media_type)))
    }

    fn listed(&self) -> impl Iterator<Item = &Descriptor> {
        match self {
            Self::Image(image) => image.layers.iter(),
            Self::Index(index) => index.manifests.iter(),
        }
    }

    /// What it is attached to.
    pub fn subject(&self) -> Option<&Descriptor> {
        match self {
            Self::Image(image) => image.subject.as_ref(),
            Self::Index(index) => index.subject.as_ref(),
        }
    }

    /// Its free texts.
    pub fn annotations(&self) -> &BTreeMap<String, String> {
        match self {
            Self::Image(image) => &image.annotations,
            Self::Index(index) => &index.annotations,
        }
    }
}

fn is_manifest(media_type: &str) -> bool {
    [media::OCI_MANIFEST, media::OCI_INDEX, media::DOCKER_MANIFEST, media::DOCKER_LIST].contains(&media_type)
}

/// Go writes empty lists and maps as `null`.
fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
