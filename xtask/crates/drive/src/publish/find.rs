//! Finds the legs: by digests that the build jobs left, or by the keys of this checkout.

use super::Order;
use super::order::Parts;
use crate::error::Coded;
use crate::helpers::ENTRY_SOURCES;
use crate::make::{self, Published};
use crate::registries;
use crate::session::Session;
use crate::trusted::check_images;
use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use ci::merge::Found;
use model::image_names::CacheTag;
use model::key::Key;
use model::oci::{ImageConfig, ImageDigest, Pointer, Repository};
use oci::{Client, Fetched, Manifest};
use plan::made::Made;
use plan::presence::Presence;
use std::collections::BTreeSet;

/// The legs that are there.
pub struct There {
    /// The repository that has them.
    pub repository: Repository,
    /// The images.
    pub found: Vec<Found>,
    /// Whether it is known that somebody who is trusted made them.
    pub verified: bool,
    /// The keys of the packages that they must hold; none where there are no packages, or others than of this checkout.
    pub keys: Option<BTreeSet<String>>,
}

/// Finds the legs.
pub fn legs(session: &Session, client: &Client, order: &Order) -> Result<There> {
    // Images by digest may be of another checkout than this one: whoever names them knows why.
    let (digests, keys) = if let Some(dir) = &order.digests {
        (left(dir)?, None)
    } else {
        let parts = keys(session, order)?;
        let of_units = matches!(order.parts, Parts::Units(_));
        let keys = of_units.then(|| parts.iter().map(|(_, key)| key.to_string()).collect());
        (keyed(session, client, order, &parts)?, keys)
    };
    // The cache repository first: what has a tag there is not collected between a build and its merge.
    let mut repositories = vec![&order.cache];
    repositories.extend(order.targets.iter().filter(|target| **target != order.cache));
    let pointers: Vec<Pointer> = digests.iter().cloned().map(Pointer::Digest).collect();
    for repository in &repositories {
        let fetched: Vec<Option<Fetched>> = client.manifests(repository, &pointers)?;
        if let Some(fetched) = fetched.into_iter().collect::<Option<Vec<_>>>() {
            let found: Result<Vec<Found>> =
                fetched.into_iter().map(|fetched| found(client, repository, fetched)).collect();
            // What was found by its key was looked at when it was found.
            let verified = match order.digests {
                Some(_) => check_images(session, client, &order.cache, &digests)?,
                None => session.manifests.registry.trust.is_some(),
            };
            return Ok(There { repository: (*repository).clone(), found: found?, verified, keys });
        }
    }
    let places: Vec<String> = repositories.iter().map(ToString::to_string).collect();
    let digests: Vec<String> = digests.iter().map(ToString::to_string).collect();
    bail!(
        "no repository has all of {}: looked in {}; push the images there, or name another --registry",
        digests.join(" and "),
        places.join(" and ")
    );
}

/// The digests that files of a directory are named by, sorted.
fn left(dir: &Utf8Path) -> Result<Vec<ImageDigest>> {
    let mut digests = Vec::new();
    for entry in dir.read_dir_utf8().with_context(|| format!("cannot read the digests in {dir}"))? {
        let entry = entry?;
        let name = entry.file_name();
        let digest: Result<ImageDigest, _> = format!("sha256:{name}").parse();
        let Ok(digest) = digest else {
            let text =
                format!("{dir}/{name} is not named by a digest: expected files named by 64 hex digits alone");
            return Err(Coded::Usage(text).into());
        };
        digests.push(digest);
    }
    digests.sort();
    Ok(digests)
}

/// The digests of the images that the cache repository has under the keys of the units.
fn keyed(
    session: &Session,
    client: &Client,
    order: &Order,
    parts: &[(String, Key)],
) -> Result<Vec<ImageDigest>> {
    let tag = |key: &Key| CacheTag::Image(*key).tag();
    let tags = parts.iter().map(|(_, key)| tag(key));
    let answers = registries::ask_for_all(session, client, &order.cache, tags)?;
    let mut digests = BTreeSet::new();
    for (what, key) in parts {
        let tag = tag(key);
        match answers.presence(&tag) {
            Presence::Present(digest) => {
                session.ui.detail(&format!("{what} is {tag}"));
                digests.insert((tag, digest));
            }
            Presence::Refused(why) => {
                let cache = &order.cache;
                bail!(
                    "{what} is not published as it is: {tag} of {cache} is not used, because {why}; build it again"
                );
            }
            Presence::Absent | Presence::Unknown(_) => {
                session.ui.warn(&format!("{what} is not built: {} has no {tag}", order.cache));
            }
        }
    }
    Ok(digests.into_iter().map(|(_, digest)| digest).collect())
}

/// What the image is made of, for people, with the key of each part.
fn keys(session: &Session, order: &Order) -> Result<Vec<(String, Key)>> {
    match &order.parts {
        Parts::Units(units) => make::keys(session, units)?
            .into_iter()
            .map(|Published { unit, key, .. }| {
                let unknown = || format!("the key of {unit} is only known on such a machine: pass --digests");
                let key = key.ok_or_else(|| Coded::Usage(unknown()))?;
                Ok((unit.to_string(), key))
            })
            .collect(),
        Parts::Root(row) => {
            let of = |platform| {
                let made = Made::root(row, platform, &session.manifests, ENTRY_SOURCES)?;
                Ok((made.title(), made.key))
            };
            row.platforms.iter().copied().map(of).collect()
        }
    }
}

fn found(client: &Client, repository: &Repository, fetched: Fetched) -> Result<Found> {
    let Manifest::Image(image) = &fetched.manifest else {
        bail!(
            "{repository}@{} is a list and not the image of one platform: push with provenance off, since each \
             registry's list would have another digest",
            fetched.digest
        );
    };
    let bytes = client.small_blob(repository, &image.config.digest)?;
    let config: ImageConfig = serde_json::from_slice(&bytes)
        .with_context(|| format!("the configuration of {repository}@{} cannot be read", fetched.digest))?;
    Ok(Found {
        digest: fetched.digest,
        size: fetched.bytes.len() as u64,
        media_type: fetched.media_type,
        platform: config.platform(),
        variant: config.variant.filter(|variant| !variant.is_empty()),
    })
}
