//! What floating requirements came to, kept in the registry beside the image: an artifact whose only layer is the lock,
//! under the tag of the key without its bucket of time.

use crate::artifact::{blob, empty};
use crate::registries;
use crate::session::Session;
use anyhow::{Context, Result};
use model::image_names::CacheTag;
use model::key::Key;
use model::oci::{Descriptor, ImageDigest, ImageManifest, Manifest, Pointer, Repository, Tag, media};
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

/// Keeps the lock that an image was built of, as an artifact with this digest.
pub fn keep(
    client: &Client,
    cache: &Repository,
    steady: Key,
    image: &ImageDigest,
    lock: &[u8],
) -> Result<ImageDigest> {
    let manifest = ImageManifest {
        artifact_type: Some(TYPE.to_owned()),
        annotations: BTreeMap::from([(IMAGE.to_owned(), image.to_string())]),
        ..ImageManifest::new(empty(client, cache)?, vec![blob(client, cache, "text/plain", lock)?])
    };
    let tag = CacheTag::Lock(steady).tag();
    let bytes = serde_json::to_vec(&manifest)?;
    Ok(client.put_manifest(cache, &Pointer::Tag(tag), &bytes, media::OCI_MANIFEST)?)
}

/// What is kept under some keys; none where nothing is, or nothing that can be read, or that somebody made who is not
/// trusted.
pub fn kept(
    session: &Session,
    client: &Client,
    cache: &Repository,
    steady: &[Key],
) -> Result<Vec<Option<Kept>>> {
    let tags: Vec<Tag> = steady.iter().map(|key| CacheTag::Lock(*key).tag()).collect();
    let answers = registries::ask_for_all(session, client, cache, tags.iter().cloned())?;
    let known: Vec<Option<ImageDigest>> = tags.iter().map(|tag| answers.presence(tag).into_image()).collect();
    let pointers: Vec<Pointer> = known.iter().flatten().cloned().map(Pointer::Digest).collect();
    let mut fetched = client.manifests(cache, &pointers)?.into_iter();
    let fetched = known.into_iter().map(|known| known.and_then(|_| fetched.next().flatten()));
    let read = |fetched: oci::Fetched| {
        let Manifest::Image(artifact) = fetched.manifest else { return None };
        let image = artifact.annotations.get(IMAGE)?.parse().ok()?;
        let is_lock = artifact.artifact_type.as_deref() == Some(TYPE);
        artifact.layers.into_iter().next().filter(|_| is_lock).map(|lock| Kept { image, lock })
    };
    Ok(fetched.map(|fetched| fetched.and_then(read)).collect())
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
