//! What one repository has: tags, the manifests and blobs behind them, and tags that nobody promised.

use super::Question;
use super::images::Found;
use anyhow::Result;
use ci::audit::{Named, SeenRepository, resembles};
use model::oci::{ImageDigest, Pointer, Repository, Tag};
use oci::{Client, Descriptor, Fetched, ImageManifest, Manifest};
use std::collections::{BTreeMap, BTreeSet};

/// What a merge says its version is.
const VERSION: &str = "org.opencontainers.image.version";

/// What a tag names.
enum Target {
    /// Images of several platforms, and their version.
    List(ImageDigest, Vec<(String, ImageDigest)>, Option<String>),
    /// The image of one; its configuration says which.
    Image(ImageDigest),
}

/// What was found, before it is known what the images run on.
pub struct Looked {
    there: SeenRepository,
    targets: BTreeMap<Tag, Target>,
}

/// Asks for everything that was promised: three rounds of requests, each in parallel and bounded in time.
pub fn look(
    client: &Client,
    repository: &Repository,
    question: &Question<'_>,
    found: &mut Found,
) -> Result<Looked> {
    let resembling = |tag: &Tag| question.names.iter().any(|name| resembles(tag, name));
    let there = client.tags(repository)?.into_iter();
    let unpromised: BTreeSet<Tag> =
        there.filter(|tag| resembling(tag) && !question.tags.contains(tag)).collect();
    let strangers = unpromised.iter().filter(|_| question.strangers);
    let tags: BTreeSet<Tag> = question.tags.iter().chain(strangers).cloned().collect();
    let pointers: Vec<Pointer> = tags.iter().cloned().map(Pointer::Tag).collect();
    let mut targets = BTreeMap::new();
    let mut images: BTreeMap<ImageDigest, ImageManifest> = BTreeMap::new();
    for (tag, fetched) in tags.iter().zip(client.manifests(repository, &pointers)?) {
        let Some(Fetched { digest, manifest, .. }) = fetched else { continue };
        let target = match manifest {
            Manifest::Index(index) => {
                let version = index.annotations.get(VERSION).cloned();
                Target::List(digest, index.manifests.iter().filter_map(leg).collect(), version)
            }
            Manifest::Image(image) => {
                images.insert(digest.clone(), *image);
                Target::Image(digest)
            }
        };
        targets.insert(tag.clone(), target);
    }
    let listed = targets.values().flat_map(|target| match target {
        Target::List(_, legs, _) => legs.as_slice(),
        Target::Image(_) => &[],
    });
    let listed: BTreeSet<ImageDigest> = listed.map(|(_, digest)| digest.clone()).collect();
    let pointers: Vec<Pointer> = listed.iter().cloned().map(Pointer::Digest).collect();
    let mut gone = BTreeSet::new();
    for (digest, fetched) in listed.iter().zip(client.manifests(repository, &pointers)?) {
        match fetched.map(|fetched| fetched.manifest) {
            Some(Manifest::Image(image)) => images.extend([(digest.clone(), *image)]),
            // A list in a list is no image.
            Some(Manifest::Index(_)) | None => gone.extend([digest.clone()]),
        }
    }
    let blobs_gone = blobs(client, repository, &images)?;
    found.add(client, repository, &images, &blobs_gone)?;
    let repository = repository.clone();
    Ok(Looked {
        there: SeenRepository { repository, tags: BTreeMap::new(), gone, blobs_gone, unpromised },
        targets,
    })
}

/// One row of a list. Attestations stand there as images for an unknown platform.
fn leg(row: &Descriptor) -> Option<(String, ImageDigest)> {
    let platform = row.platform.as_ref();
    let named = platform.map_or_else(
        || "no platform".to_owned(),
        |platform| format!("{}/{}", platform.os, platform.architecture),
    );
    (named != "unknown/unknown").then(|| (named, row.digest.clone()))
}

/// For each image, the blobs that it needs and that are not there.
fn blobs(
    client: &Client,
    repository: &Repository,
    images: &BTreeMap<ImageDigest, ImageManifest>,
) -> Result<BTreeMap<ImageDigest, BTreeSet<ImageDigest>>> {
    let of = |image: &ImageManifest| {
        let blobs = image.layers.iter().chain([&image.config]).map(|blob| blob.digest.clone());
        blobs.collect::<BTreeSet<ImageDigest>>()
    };
    let all: Vec<ImageDigest> = images.values().flat_map(of).collect::<BTreeSet<_>>().into_iter().collect();
    let there = client.has_blobs(repository, &all)?;
    let gone: BTreeSet<&ImageDigest> =
        all.iter().zip(there).filter(|(_, there)| !there).map(|(digest, _)| digest).collect();
    let missing = images.iter().map(|(digest, image)| {
        let missing = of(image).into_iter().filter(|blob| gone.contains(blob)).collect();
        (digest.clone(), missing)
    });
    Ok(missing.filter(|(_, missing): &(_, BTreeSet<ImageDigest>)| !missing.is_empty()).collect())
}

impl Looked {
    /// The same, where it is known what the images run on.
    pub fn there(self, platforms: &BTreeMap<ImageDigest, String>) -> SeenRepository {
        let mut there = self.there;
        for (tag, target) in self.targets {
            let named = match target {
                Target::List(digest, legs, version) => Named { digest, legs, version },
                Target::Image(digest) => {
                    let platform =
                        platforms.get(&digest).cloned().unwrap_or_else(|| "no platform".to_owned());
                    Named { legs: vec![(platform, digest.clone())], digest, version: None }
                }
            };
            there.tags.insert(tag, named);
        }
        there
    }
}
