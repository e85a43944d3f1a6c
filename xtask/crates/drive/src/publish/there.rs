//! What a repository has of a merged image.

use anyhow::{Context, Result};
use ci::merge::{Attachment, Holding, Tagged, Wanted};
use model::oci::{ImageConfig, Pointer, Repository};
use oci::{Client, Descriptor, Fetched, Manifest};
use std::collections::{BTreeMap, BTreeSet};

/// What installers take for a signature. Whose it is, and whether it is good, is not said by that.
const SIGNATURE: &str = "application/vnd.dev.sigstore.bundle.";

/// Looks; writes nothing.
pub fn look(client: &Client, repository: &Repository, wanted: &Wanted) -> Result<Holding> {
    let digests = wanted.legs.iter().map(|leg| &leg.digest).chain([&wanted.index]);
    let pointers = digests.cloned().map(Pointer::Digest).chain(wanted.tags.iter().cloned().map(Pointer::Tag));
    let pointers: Vec<Pointer> = pointers.collect();
    let mut there = Holding {
        repository: repository.clone(),
        legs: BTreeSet::new(),
        index: false,
        attached: BTreeSet::new(),
        signed: false,
        tags: BTreeMap::new(),
    };
    for (pointer, fetched) in pointers.iter().zip(client.manifests(repository, &pointers)?) {
        let Some(fetched) = fetched else { continue };
        match pointer {
            Pointer::Digest(digest) if *digest == wanted.index => there.index = true,
            Pointer::Digest(digest) => drop(there.legs.insert(digest.clone())),
            Pointer::Tag(tag) => {
                let platforms = platforms(client, repository, &fetched)?;
                there.tags.insert(tag.clone(), Tagged { digest: fetched.digest, platforms });
            }
        }
    }
    if there.index {
        for descriptor in client.referrers(repository, &wanted.index)? {
            let kind = descriptor.artifact_type.unwrap_or_default();
            there.attached.extend(Attachment::ALL.into_iter().filter(|known| known.media_type() == kind));
            there.signed |= kind.starts_with(SIGNATURE);
        }
    }
    Ok(there)
}

/// What an image runs on.
fn platforms(client: &Client, repository: &Repository, fetched: &Fetched) -> Result<BTreeSet<String>> {
    Ok(match &fetched.manifest {
        Manifest::Index(index) => {
            let of = |descriptor: &Descriptor| {
                let platform = descriptor.platform.as_ref()?;
                // Attestations stand in lists as images for an unknown platform.
                (platform.os != "unknown").then(|| format!("{}/{}", platform.os, platform.architecture))
            };
            index.manifests.iter().filter_map(of).collect()
        }
        Manifest::Image(image) => {
            let bytes = client.small_blob(repository, &image.config.digest)?;
            let config: ImageConfig = serde_json::from_slice(&bytes).with_context(|| {
                format!("the configuration of {repository}@{} cannot be read", fetched.digest)
            })?;
            [config.platform()].into()
        }
    })
}
