//! Images that are used again: they are as old as their last use, so that no collection takes them before their merge.
//!
//! A tag that is written again has no new date everywhere. So a list with the image in it and a date of its own stands
//! under another tag: to a collection it is young, and what is young stays with all that it needs.

use anyhow::Result;
use model::image_names::CacheTag;
use model::key::Key;
use model::oci::{Descriptor, ImageDigest, Index, Pointer, Repository, media};
use oci::Client;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// Writes down that these images of a cache repository are wanted now.
pub fn renew(client: &Client, cache: &Repository, images: &BTreeMap<Key, ImageDigest>) -> Result<()> {
    if images.is_empty() {
        return Ok(());
    }
    let pointers: Vec<Pointer> = images.values().map(|image| Pointer::Digest(image.clone())).collect();
    let fetched = client.manifests(cache, &pointers)?;
    let now = model::time::calendar::rfc3339(SystemTime::now());
    let marks: Vec<_> = images.keys().zip(fetched).filter_map(|(key, image)| Some((key, image?))).collect();
    marks.into_par_iter().try_for_each(|(key, image)| {
        let index = Index {
            annotations: BTreeMap::from([(media::CREATED.to_owned(), now.clone())]),
            ..Index::new(vec![Descriptor::new(&image.media_type, image.digest, image.bytes.len() as u64)])
        };
        let tag = CacheTag::Used(*key).tag();
        client.put_manifest(cache, &Pointer::Tag(tag), &serde_json::to_vec(&index)?, media::OCI_INDEX)?;
        Ok(())
    })
}

/// What is said when it cannot be written down.
pub fn warning(error: &anyhow::Error) -> String {
    format!(
        "images that are used again were not marked, and a collection may take them before the merge: {error:#}"
    )
}
