//! Images of single platforms, wherever they were found: equal digests are equal images.

use oci::{Client, Descriptor, ImageConfig, ImageDigest, ImageManifest, RegistryError, Repository};
use std::collections::{BTreeMap, BTreeSet};

/// Configurations larger than this are no configurations.
const MAX_CONFIG: u64 = 8 << 20;

/// An image that a repository has.
#[derive(Debug, Clone)]
pub struct Whole {
    /// A repository that has all of it.
    pub repository: Repository,
    /// What it says of itself.
    pub config: ImageConfig,
    /// Its layers, the lowest first.
    pub layers: Vec<Descriptor>,
    /// All layers are there.
    pub complete: bool,
}

/// The images that were found.
#[derive(Debug, Default)]
pub struct Found(pub BTreeMap<ImageDigest, Whole>);

impl Found {
    /// Adds what a repository has; a whole image replaces one without all of its layers.
    pub fn add(
        &mut self,
        client: &Client,
        repository: &Repository,
        images: &BTreeMap<ImageDigest, ImageManifest>,
        gone: &BTreeMap<ImageDigest, BTreeSet<ImageDigest>>,
    ) -> Result<(), RegistryError> {
        let is_new = |digest: &ImageDigest| self.0.get(digest).is_none_or(|known| !known.complete);
        let has_config = |digest: &ImageDigest, image: &ImageManifest| {
            let there = gone.get(digest).is_none_or(|gone| !gone.contains(&image.config.digest));
            there && image.config.size <= MAX_CONFIG
        };
        let wanted: Vec<(&ImageDigest, &ImageManifest)> =
            images.iter().filter(|(digest, image)| is_new(digest) && has_config(digest, image)).collect();
        let configs: Vec<ImageDigest> = wanted.iter().map(|(_, image)| image.config.digest.clone()).collect();
        for ((digest, image), bytes) in wanted.into_iter().zip(client.small_blobs(repository, &configs)?) {
            // What cannot be read says nothing, which is found out by comparing.
            let config = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
            let complete = !gone.contains_key(digest);
            let layers = image.layers.clone();
            self.0.insert(digest.clone(), Whole { repository: repository.clone(), config, layers, complete });
        }
        Ok(())
    }
}
