//! Manifests: what a tag or a digest names. Unknown fields are welcome, absurd sizes are not.

use super::{ImageDigest, media};
use crate::platform::Platform;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of the largest manifest that is read; the specification lets registries refuse larger ones.
pub const MAX_BYTES: usize = 4 << 20;
/// Most descriptors that a manifest may hold.
const MAX_DESCRIPTORS: usize = 10_000;
/// Bytes of the largest blob that is believed: sums of sizes must not overflow.
const MAX_SIZE: u64 = 1 << 44;

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
    pub architecture: String,
    /// As Go calls it.
    pub os: String,
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

impl Descriptor {
    /// What something is, its digest and its size, and nothing else.
    pub fn new(media_type: &str, digest: ImageDigest, size: u64) -> Self {
        let (media_type, annotations) = (media_type.to_owned(), BTreeMap::new());
        Self { media_type, digest, size, platform: None, annotations, artifact_type: None }
    }
}

impl From<Platform> for ImagePlatform {
    fn from(Platform { os, arch }: Platform) -> Self {
        Self { architecture: arch.as_str().to_owned(), os: os.as_str().to_owned(), variant: None }
    }
}

impl ImageManifest {
    /// A configuration and layers, and nothing else.
    pub fn new(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        let (media_type, annotations) = (Some(media::OCI_MANIFEST.to_owned()), BTreeMap::new());
        Self {
            schema_version: 2,
            media_type,
            artifact_type: None,
            config,
            layers,
            subject: None,
            annotations,
        }
    }
}

impl Index {
    /// A list, and nothing else.
    pub fn new(manifests: Vec<Descriptor>) -> Self {
        let (media_type, annotations) = (Some(media::OCI_INDEX.to_owned()), BTreeMap::new());
        Self { schema_version: 2, media_type, manifests, subject: None, annotations }
    }
}

/// Why some bytes are no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Too large to be read.
    #[error("a manifest of {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(usize),
    /// Not JSON, or not of the right shape.
    #[error("not a manifest: {0}")]
    Shape(serde_json::Error),
    /// Of the first version, which nobody writes any more.
    #[error("manifest of schema version {0}, expected 2")]
    Version(u32),
    /// More than anybody needs.
    #[error("{0} descriptors, expected at most {MAX_DESCRIPTORS}")]
    TooMany(usize),
    /// No blob is that large.
    #[error("a size of {0} bytes, expected at most {MAX_SIZE}")]
    Size(u64),
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
        let probe: Probe = serde_json::from_slice(bytes).map_err(ManifestError::Shape)?;
        match probe.schema_version {
            Some(2) => {}
            version => return Err(ManifestError::Version(version.unwrap_or(0))),
        }
        let (manifest, count) = if probe.config.is_some() {
            let image: Box<ImageManifest> = serde_json::from_slice(bytes).map_err(ManifestError::Shape)?;
            let count = image.layers.len();
            (Self::Image(image), count)
        } else if probe.manifests.is_some() {
            let index: Box<Index> = serde_json::from_slice(bytes).map_err(ManifestError::Shape)?;
            let count = index.manifests.len();
            (Self::Index(index), count)
        } else {
            return Err(ManifestError::Neither);
        };
        if count > MAX_DESCRIPTORS {
            return Err(ManifestError::TooMany(count));
        }
        let sizes = manifest.children().chain(manifest.blobs()).map(|descriptor| descriptor.size);
        if let Some(size) = sizes.max().filter(|size| *size > MAX_SIZE) {
            return Err(ManifestError::Size(size));
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
pub(super) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(size: u64) -> Vec<u8> {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let layer = format!(
            r#"{{"mediaType":"l","digest":"{digest}","size":{size},"urls":["u"],"annotations":null}}"#
        );
        format!(r#"{{"schemaVersion":2,"config":{{"mediaType":"c","digest":"{digest}","size":1}},"layers":[{layer}]}}"#)
            .into_bytes()
    }

    #[test]
    fn unknown_fields_are_welcome_and_absurd_sizes_are_not() {
        let manifest = Manifest::parse(&image(7)).unwrap();
        assert_eq!(manifest.media_type(), media::OCI_MANIFEST);
        assert_eq!(manifest.blobs().map(|blob| blob.size).collect::<Vec<_>>(), [1, 7]);
        assert!(matches!(Manifest::parse(&image(u64::MAX)), Err(ManifestError::Size(u64::MAX))));
        let mut large = image(7);
        large.resize(MAX_BYTES + 1, b' ');
        assert!(matches!(Manifest::parse(&large), Err(ManifestError::TooLarge(_))));
        large.truncate(MAX_BYTES);
        assert!(Manifest::parse(&large).is_ok());
    }

    #[test]
    fn what_is_no_manifest_of_version_2_says_so() {
        assert!(matches!(Manifest::parse(b"{}"), Err(ManifestError::Version(0))));
        assert!(matches!(Manifest::parse(br#"{"schemaVersion":1}"#), Err(ManifestError::Version(1))));
        assert!(matches!(Manifest::parse(br#"{"schemaVersion":2}"#), Err(ManifestError::Neither)));
        assert!(matches!(Manifest::parse(b"<html>"), Err(ManifestError::Shape(_))));
    }

    #[test]
    fn lists_hold_manifests_and_in_old_caches_layers() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let row = |kind: &str| format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":3}}"#);
        let list = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{},{}]}}"#,
            media::DOCKER_LIST,
            row(media::DOCKER_MANIFEST),
            row("application/vnd.oci.image.layer.v1.tar+gzip")
        );
        let list = Manifest::parse(list.as_bytes()).unwrap();
        assert_eq!((list.children().count(), list.blobs().count()), (1, 1));
        assert_eq!(list.media_type(), media::DOCKER_LIST);
    }
}
