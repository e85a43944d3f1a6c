//! `cache evict`: tags go from the registry's cache, so that what they hold is built again.

use super::remote::Remote;
use super::size;
use crate::cli::Evict;
use crate::exit::Done;
use anyhow::{Result, bail};
use drive::error::Coded;
use drive::make::census;
use drive::session::Session;
use model::image_names::{CacheTag, Image, TagSuffix, groups};
use model::key::Key;
use model::name::BackendName;
use model::oci::{ImageDigest, Tag};
use oci::{Inventory, RegistryError, Removal, deletion_order};
use std::collections::{BTreeMap, BTreeSet};

/// Removes the tags that were named, or those of a backend.
pub fn run(session: &Session, remote: &Remote, args: &Evict) -> Result<Done> {
    let inventory = remote.client.structure(&remote.repository, BTreeMap::new())?;
    let tags = match &args.backend {
        Some(backend) => of_backend(session, backend, &inventory)?,
        None => named(session, remote, &args.tags, &inventory)?,
    };
    let stays = inventory.tags.keys().filter(|tag| !tags.contains(*tag));
    let after = inventory.bytes(stays);
    let frees = inventory.bytes(inventory.tags.keys()) - after;
    if args.json || session.ui.json() {
        session.ui.data(&serde_json::json!({ "tags": tags, "frees": frees, "dry_run": args.dry_run }))?;
    } else {
        for tag in &tags {
            session.ui.line(format_args!("{tag}"));
        }
    }
    if !args.dry_run {
        let removal = |(digest, tags)| Removal { digest, tags, written: None, frees: 0 };
        let removals: Vec<Removal> = by_digest(&inventory, &tags).into_iter().map(removal).collect();
        carry_out(remote, &inventory, &removals)?;
    }
    let verb = if args.dry_run { "would evict" } else { "evicted" };
    session.ui.done(&format!("{verb} {} tags of {}, {}", tags.len(), remote.repository, size(frees)));
    Ok(Done::Well)
}

/// Carries removals out; what is left then.
pub fn carry_out(remote: &Remote, inventory: &Inventory, removals: &[Removal]) -> Result<Inventory> {
    let mut rest = inventory.clone();
    for Removal { digest, tags, .. } in deletion_order(inventory, removals) {
        delete(remote, &rest, digest, tags)?;
        rest.tags.retain(|tag, _| !tags.contains(tag));
    }
    Ok(rest)
}

/// The tag that says when the image of a tag was used last.
pub fn mark(tag: &Tag) -> Option<Tag> {
    match CacheTag::parse(tag)? {
        CacheTag::Image(key) | CacheTag::Used(key) => Some(CacheTag::Used(key).tag()),
        _ => None,
    }
}

/// Deletes tags of one manifest; the manifest goes with them if nothing else needs it.
fn delete(remote: &Remote, inventory: &Inventory, digest: &ImageDigest, tags: &[Tag]) -> Result<()> {
    let others: Vec<&Tag> = inventory
        .tags
        .iter()
        .filter(|(tag, tagged)| {
            !tags.contains(tag) && inventory.reach(&tagged.digest, &BTreeMap::new()).contains_key(digest)
        })
        .map(|(tag, _)| tag)
        .collect();
    let Remote { client, repository } = remote;
    match client.forget(repository, digest, tags, others.is_empty()) {
        Ok(()) => Ok(()),
        Err(error) if !others.is_empty() && cannot_untag(&error) => bail!(
            "{} of {repository} cannot be deleted alone: this registry deletes only whole manifests, and {} needs the \
             same one. Evict them together, or move the tag by building it again",
            list(tags.iter()),
            list(others)
        ),
        Err(error) => Err(error.into()),
    }
}

fn cannot_untag(error: &RegistryError) -> bool {
    matches!(error, RegistryError::Unsupported { .. } | RegistryError::Answer { status: 400..500, .. })
}

fn list<'a>(tags: impl IntoIterator<Item = &'a Tag>) -> String {
    tags.into_iter().map(Tag::as_str).collect::<Vec<_>>().join(", ")
}

fn by_digest(inventory: &Inventory, tags: &BTreeSet<Tag>) -> BTreeMap<ImageDigest, Vec<Tag>> {
    let mut found: BTreeMap<ImageDigest, Vec<Tag>> = BTreeMap::new();
    for tag in tags {
        if let Some(tagged) = inventory.tags.get(tag) {
            found.entry(tagged.digest.clone()).or_default().push(tag.clone());
        }
    }
    found
}

/// What was named and is there. A tag that is not there is a mistake, or was evicted before.
fn named(session: &Session, remote: &Remote, tags: &[Tag], inventory: &Inventory) -> Result<BTreeSet<Tag>> {
    let (there, gone): (Vec<&Tag>, Vec<&Tag>) =
        tags.iter().partition(|tag| inventory.tags.contains_key(*tag));
    if there.is_empty() {
        let known: Vec<&str> = inventory.tags.keys().map(Tag::as_str).collect();
        let hint =
            gone.first().map(|tag| model::text::suggest::hint(tag.as_str(), known)).unwrap_or_default();
        let text = format!("{} has no tag {}{hint}", remote.repository, list(gone));
        return Err(Coded::Usage(text).into());
    }
    for tag in gone {
        session.ui.warn(&format!("{} has no tag {tag}", remote.repository));
    }
    // An image goes with its mark, which would keep it.
    let marks = there.iter().filter_map(|tag| mark(tag)).filter(|mark| inventory.tags.contains_key(mark));
    Ok(there.iter().copied().cloned().chain(marks).collect())
}

/// All tags of a backend.
fn of_backend(session: &Session, backend: &BackendName, inventory: &Inventory) -> Result<BTreeSet<Tag>> {
    let backends = &session.manifests.backends;
    let Some(manifest) = backends.get(backend) else {
        let hint = model::text::suggest::hint(backend.as_str(), backends.keys().map(BackendName::as_str));
        return Err(Coded::Usage(format!("there is no backend `{backend}`{hint}")).into());
    };
    let groups = groups(manifest, &session.manifests.variants)?;
    let published = census(session)?.into_iter().filter(|published| published.unit.backend == *backend);
    let own = Own {
        backend,
        suffixes: groups.into_iter().map(|group| group.suffix).collect(),
        keys: published.flat_map(|published| [published.key, published.steady]).flatten().collect(),
    };
    Ok(inventory.tags.keys().filter(|tag| own.has(tag)).cloned().collect())
}

/// What tells a backend's tags.
struct Own<'a> {
    backend: &'a BackendName,
    suffixes: BTreeSet<TagSuffix>,
    /// With and without the bucket of time.
    keys: BTreeSet<Key>,
}

impl Own<'_> {
    fn has(&self, tag: &Tag) -> bool {
        match CacheTag::parse(tag) {
            Some(
                CacheTag::Layers { image: Image::Backend(suffix), .. }
                | CacheTag::Keepalive { suffix: Some(suffix), .. },
            ) => self.suffixes.contains(&suffix),
            Some(CacheTag::CompilerCache(cache)) => cache.backend() == self.backend,
            // A lock would let the image of an earlier week stand for that of now.
            Some(CacheTag::Image(key) | CacheTag::Used(key) | CacheTag::Lock(key)) => {
                self.keys.contains(&key)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_has_its_layers_its_caches_and_all_under_its_keys() {
        let (ours, other) = ("a".repeat(64), "b".repeat(64));
        let backend = "minilm".parse().unwrap();
        let own = Own {
            backend: &backend,
            suffixes: ["-cpu-minilm".parse().unwrap()].into(),
            keys: [ours.parse().unwrap()].into(),
        };
        let has = |tag: &str| own.has(&tag.parse().unwrap());
        for tag in ["cache-cpu-minilm-amd64", "ccache-minilm-amd64-cpu", "keepalive-7-cpu-minilm-amd64"] {
            assert!(has(tag) && !has(&tag.replace("minilm", "other")), "{tag}");
        }
        for kind in ["img", "used", "lock"] {
            assert!(has(&format!("{kind}-{ours}")) && !has(&format!("{kind}-{other}")), "{kind}");
        }
        assert!(!has("base-grpc-amd64") && !has("v1"));
    }
}
