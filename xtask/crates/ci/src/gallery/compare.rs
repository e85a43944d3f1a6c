//! An index that is there already against what registries have.

use super::listed::{Listed, Place};
use crate::audit::{Promise, SeenRepository};
use model::oci::{ImageDigest, Repository, Tag};
use model::platform::Platform;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The platforms that the manifests promise, by tag.
pub type Promised = BTreeMap<Tag, BTreeSet<Platform>>;

/// What the manifests promise under these names.
pub fn promised(promises: &[Promise], names: &[&str]) -> Promised {
    let of = |name: &&str| {
        let tagged = promises.iter().filter_map(|promise| Some((promise.tag(name)?, promise)));
        tagged.map(|(tag, promise)| (tag, promise.legs.keys().copied().collect())).collect::<Vec<_>>()
    };
    names.iter().flat_map(of).collect()
}

/// One thing in which the index and a registry differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Difference {
    /// The entry, where it is one's fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// What differs.
    #[serde(flatten)]
    pub what: Differs,
}

/// How an index and a registry can differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(tag = "difference", rename_all = "kebab-case")]
pub enum Differs {
    /// The entry leads to nothing.
    NotPublished {
        /// Where.
        repository: Repository,
        /// What.
        tag: Tag,
        /// The platforms that the manifests promise of it; none if they know nothing of it.
        platforms: BTreeSet<Platform>,
    },
    /// It leads to an image that lacks a platform.
    PlatformMissing {
        /// Where.
        repository: Repository,
        /// What.
        tag: Tag,
        /// For which.
        platform: Platform,
    },
    /// It leads to an image of which something is gone.
    Broken {
        /// Where.
        repository: Repository,
        /// What.
        tag: Tag,
        /// For what, as `os/arch`.
        platform: String,
        /// The image.
        digest: ImageDigest,
    },
    /// LocalAI does not take this for an image: it has no scheme, and no host that LocalAI knows.
    NotTaken {
        /// As written.
        place: String,
    },
    /// A machine is sent to an entry that is not there.
    NoEntry {
        /// Which machines.
        capability: String,
        /// The entry's name.
        name: String,
    },
    /// What is published is in no entry.
    NotListed {
        /// Where.
        repository: Repository,
        /// What.
        tag: Tag,
        /// For what, as `os/arch`.
        platforms: Vec<String>,
    },
}

/// Every difference, first those of entries, in their order of names.
pub fn compare(listed: &[Listed], promised: &Promised, seen: &[SeenRepository]) -> Vec<Difference> {
    let mut found = Vec::new();
    let names: BTreeSet<&str> = listed.iter().map(|entry| entry.name.as_str()).collect();
    let mut known: BTreeSet<(&Repository, &Tag)> = BTreeSet::new();
    for entry in listed {
        let mut add = |what| found.push(Difference { entry: Some(entry.name.clone()), what });
        for (capability, name) in &entry.capabilities {
            if !names.contains(name.as_str()) {
                add(Differs::NoEntry { capability: capability.clone(), name: name.clone() });
            }
        }
        for place in &entry.places {
            match place {
                Place::Untaken(place) => add(Differs::NotTaken { place: place.clone() }),
                Place::Other(_) => {}
                Place::Image(repository, tag) => {
                    known.insert((repository, tag));
                    if let Some(there) = seen.iter().find(|there| there.repository == *repository) {
                        image(there, tag, promised.get(tag), &mut add);
                    }
                }
            }
        }
    }
    for there in seen {
        for (tag, named) in &there.tags {
            if !known.contains(&(&there.repository, tag)) {
                let platforms = named.legs.iter().map(|(platform, _)| platform.clone()).collect();
                let (repository, tag) = (there.repository.clone(), tag.clone());
                found.push(Difference {
                    entry: None,
                    what: Differs::NotListed { repository, tag, platforms },
                });
            }
        }
    }
    found.sort_by(|one, other| (one.entry.is_none(), one).cmp(&(other.entry.is_none(), other)));
    found.dedup();
    found
}

fn image(
    there: &SeenRepository,
    tag: &Tag,
    promised: Option<&BTreeSet<Platform>>,
    add: &mut impl FnMut(Differs),
) {
    let place = || (there.repository.clone(), tag.clone());
    let Some(named) = there.tags.get(tag) else {
        let (repository, tag) = place();
        return add(Differs::NotPublished {
            repository,
            tag,
            platforms: promised.cloned().unwrap_or_default(),
        });
    };
    for &platform in promised.into_iter().flatten() {
        if !named.legs.iter().any(|(listed, _)| listed == platform.as_str()) {
            let (repository, tag) = place();
            add(Differs::PlatformMissing { repository, tag, platform });
        }
    }
    for (platform, digest) in &named.legs {
        if there.gone.contains(digest) || there.blobs_gone.contains_key(digest) {
            let ((repository, tag), platform, digest) = (place(), platform.clone(), digest.clone());
            add(Differs::Broken { repository, tag, platform, digest });
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = &self.entry {
            write!(f, "{entry}: ")?;
        }
        match &self.what {
            Differs::NotPublished { repository, tag, platforms } => {
                write!(f, "there is no {repository}:{tag}")?;
                let platforms: Vec<&str> =
                    platforms.iter().map(|platform| Platform::as_str(*platform)).collect();
                if platforms.is_empty() { Ok(()) } else { write!(f, " ({})", platforms.join(", ")) }
            }
            Differs::PlatformMissing { repository, tag, platform } => {
                write!(f, "{repository}:{tag} has no image for {platform}")
            }
            Differs::Broken { repository, tag, platform, digest } => {
                write!(f, "the image of {repository}:{tag} for {platform}, {digest}, is not all there")
            }
            Differs::NotTaken { place } => {
                write!(f, "LocalAI takes {place} for no image; write oci:// and the registry before it")
            }
            Differs::NoEntry { capability, name } => {
                write!(f, "{capability} leads to {name}, which is no entry")
            }
            Differs::NotListed { repository, tag, platforms } => {
                write!(f, "{repository}:{tag} ({}) is published and in no entry", platforms.join(", "))
            }
        }
    }
}
