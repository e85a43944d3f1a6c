//! What floating requirements came to, kept in the registry beside the image: an artifact whose only layer is the lock,
//! under the tag of the key without its bucket of time.

use crate::artifact::{blob, empty};
use anyhow::{Context, Result};
use model::image_names::CacheTag;
use model::key::Key;
use model::oci::{Descriptor, ImageDigest, ImageManifest, Manifest, Pointer, Repository, media};
use oci::Client;
use std::collections::BTreeMap;

/// The type by which the artifact is told from others.
const TYPE: &str = "application/vnd.inference-backends.lock.v1";
/// The annotation that names the image.
const IMAGE: &str = "inference-backends.image";

/// A lock and the image that was built of it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The image.
    pub image: ImageDigest,
    lock: Descriptor,
}

/// Keeps the lock that an image was built of.
pub fn keep(
    client: &Client,
    cache: &Repository,
    steady: Key,
    image: &ImageDigest,
    lock: &[u8],
) -> Result<()> {
    let manifest = ImageManifest {
        artifact_type: Some(TYPE.to_owned()),
        annotations: BTreeMap::from([(IMAGE.to_owned(), image.to_string())]),
        ..ImageManifest::new(empty(client, cache)?, vec![blob(client, cache, "text/plain", lock)?])
    };
    let tag = CacheTag::Lock(steady).tag();
    client.put_manifest(cache, &Pointer::Tag(tag), &serde_json::to_vec(&manifest)?, media::OCI_MANIFEST)?;
    Ok(())
}

/// What is kept under some keys; none where nothing is, or nothing that can be read.
pub fn kept(client: &Client, cache: &Repository, steady: &[Key]) -> Result<Vec<Option<Kept>>> {
    let tag = |key: &Key| Pointer::Tag(CacheTag::Lock(*key).tag());
    let fetched = client.manifests(cache, &steady.iter().map(tag).collect::<Vec<_>>())?;
    let read = |fetched: oci::Fetched| {
        let Manifest::Image(artifact) = fetched.manifest else { return None };
        let image = artifact.annotations.get(IMAGE)?.parse().ok()?;
        let is_lock = artifact.artifact_type.as_deref() == Some(TYPE);
        artifact.layers.into_iter().next().filter(|_| is_lock).map(|lock| Kept { image, lock })
    };
    Ok(fetched.into_iter().map(|fetched| fetched.and_then(read)).collect())
}

impl Kept {
    /// What differs from a lock of now; none if nothing does.
    pub fn difference(&self, client: &Client, cache: &Repository, now: &str) -> Result<Option<String>> {
        if self.lock.digest == oci::ImageDigest::sha256(now.as_bytes()) {
            return Ok(None);
        }
        let before = client.small_blob(cache, &self.lock.digest)?;
        let before = String::from_utf8(before).context("the lock of the last image is not text")?;
        Ok(plan::floating::difference(&before, now))
    }
}
