//! Takes the inventory of a repository.

use crate::client::Client;
use crate::collect::inventory::{Inventory, Node, Tagged};
use crate::error::RegistryError;
use model::oci::{ImageDigest, Manifest, Pointer, Repository, Tag, media};
use model::time::calendar;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Dates before 2000 are those of reproducible builds, and say nothing.
const PLAUSIBLE: u64 = 946_684_800;
/// Configurations larger than this are not read for their date.
const MAX_CONFIG: u64 = 8 << 20;
/// Lists within lists are deep enough for everybody.
const DEEPEST: usize = 4;

/// The part of a configuration that has dates: of an image, or of BuildKit's cache.
#[derive(Deserialize)]
struct Config {
    created: Option<String>,
    #[serde(default)]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    created_at: Option<String>,
}

/// When a configuration says that it was made, in seconds since 1970.
pub fn config_date(bytes: &[u8]) -> Option<u64> {
    let config: Config = serde_json::from_slice(bytes).ok()?;
    let results = config.records.into_iter().flat_map(|record| record.results);
    let dates = config.created.into_iter().chain(results.filter_map(|result| result.created_at));
    dates.filter_map(|text| date(&text)).max()
}

impl Client {
    /// Every tag of a repository, what it needs, and when it was written.
    ///
    /// Quay knows when a tag was written; elsewhere the newest date in annotations and configurations stands in.
    pub fn survey(&self, repository: &Repository) -> Result<Inventory, RegistryError> {
        let mut inventory = self.structure(repository, BTreeMap::new())?;
        let undated = inventory.tags.values().any(|tagged| tagged.written.is_none());
        if undated {
            let dates = self.dates(repository, &inventory)?;
            for tagged in inventory.tags.values_mut() {
                tagged.written =
                    tagged.written.or_else(|| newest(&inventory.manifests, &dates, &tagged.digest));
            }
        }
        Ok(inventory)
    }

    /// The same, with no more dates than the registry gives of itself. Manifests that are `known` are not read again:
    /// a repository that holds what another one holds costs one question a tag.
    pub fn structure(
        &self,
        repository: &Repository,
        known: BTreeMap<ImageDigest, Node>,
    ) -> Result<Inventory, RegistryError> {
        let mut inventory = Inventory { tags: self.tagged(repository)?, manifests: known };
        let named = inventory.tags.values().map(|tagged| tagged.digest.clone());
        let mut open: BTreeSet<ImageDigest> =
            named.filter(|digest| !inventory.manifests.contains_key(digest)).collect();
        for _ in 0..DEEPEST {
            if open.is_empty() {
                break;
            }
            let pointers: Vec<Pointer> = open.iter().cloned().map(Pointer::Digest).collect();
            let mut next = BTreeSet::new();
            for fetched in self.manifests(repository, &pointers)?.into_iter().flatten() {
                let node = Node::of(&fetched.manifest, fetched.bytes.len());
                next.extend(node.children.iter().cloned());
                inventory.manifests.insert(fetched.digest, node);
            }
            open = next.into_iter().filter(|digest| !inventory.manifests.contains_key(digest)).collect();
        }
        Ok(inventory)
    }

    fn tagged(&self, repository: &Repository) -> Result<BTreeMap<Tag, Tagged>, RegistryError> {
        if self.is_quay(repository) {
            let list = self.quay_list(repository)?.into_iter();
            return Ok(list
                .map(|tag| (tag.name, Tagged { digest: tag.manifest_digest, written: tag.start_ts }))
                .collect());
        }
        let tags: Vec<Tag> = self.tags(repository)?.into_iter().collect();
        let found = self.exists_many(repository, &tags)?;
        // A tag that went away in between is none.
        let there = found.into_iter().filter_map(|(tag, digest)| Some((tag, digest?)));
        Ok(there.map(|(tag, digest)| (tag, Tagged { digest, written: None })).collect())
    }

    /// The dates of the manifests whose configurations have one.
    fn dates(
        &self,
        repository: &Repository,
        inventory: &Inventory,
    ) -> Result<BTreeMap<ImageDigest, u64>, RegistryError> {
        let configs: BTreeSet<&ImageDigest> = inventory
            .manifests
            .values()
            .filter_map(|node| {
                node.config.as_ref().filter(|config| node.blobs.get(*config) <= Some(&MAX_CONFIG))
            })
            .collect();
        let configs: Vec<ImageDigest> = configs.into_iter().cloned().collect();
        let texts = self.small_blobs(repository, &configs)?;
        // What is missing has no date; the manifest that needs it is broken anyway.
        let dated = |(digest, text): (ImageDigest, Option<Vec<u8>>)| Some((digest, config_date(&text?)?));
        let of_config: BTreeMap<ImageDigest, u64> =
            configs.into_iter().zip(texts).filter_map(dated).collect();
        Ok(inventory
            .manifests
            .iter()
            .filter_map(|(digest, node)| {
                let config = node.config.as_ref().and_then(|config| of_config.get(config)).copied();
                Some((digest.clone(), config.max(node.created)?))
            })
            .collect())
    }
}

/// The newest date of a manifest and what it lists.
fn newest(
    manifests: &BTreeMap<ImageDigest, Node>,
    dates: &BTreeMap<ImageDigest, u64>,
    digest: &ImageDigest,
) -> Option<u64> {
    let children = manifests.get(digest).into_iter().flat_map(|node| &node.children);
    children.chain([digest]).filter_map(|digest| dates.get(digest)).copied().max()
}

/// The date in a manifest's own annotations.
pub(crate) fn annotated(manifest: &Manifest) -> Option<u64> {
    date(manifest.annotations().get(media::CREATED)?)
}

fn date(text: &str) -> Option<u64> {
    calendar::parse_rfc3339(text).map(|since| since.as_secs()).filter(|date| *date >= PLAUSIBLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_images_and_of_caches() {
        assert_eq!(config_date(br#"{"created":"2026-01-02T03:04:05Z","os":"linux"}"#), Some(1_767_323_045));
        let cache = br#"{"layers":[],"records":[{"digest":"x","results":[{"layer":0,
            "createdAt":"2025-01-02T03:04:05Z"}]},{"results":[{"createdAt":"2026-01-02T03:04:05Z"}]},{}]}"#;
        assert_eq!(config_date(cache), Some(1_767_323_045));
        for text in [&b"{}"[..], b"", br#"{"created":"1970-01-01T00:00:00Z"}"#, br#"{"created":"now"}"#] {
            assert_eq!(config_date(text), None);
        }
    }
}
