//! What is left to do in one repository, after whatever was done before.

use super::Legs;
use model::oci::{ImageDigest, Repository, Tag};
use model::platform::Platform;
use std::collections::{BTreeMap, BTreeSet};

/// What is attached to a merged image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attachment {
    /// What it is made of.
    Sbom,
    /// How it was made.
    Provenance,
}

impl Attachment {
    /// Every attachment.
    pub const ALL: [Self; 2] = [Self::Sbom, Self::Provenance];

    /// The media type by which it is found.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Sbom => "application/spdx+json",
            Self::Provenance => "application/vnd.in-toto+json",
        }
    }
}

/// What every repository shall have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The images of the platforms.
    pub legs: Legs,
    /// Their list.
    pub index: ImageDigest,
    /// The tags of the list.
    pub tags: Vec<Tag>,
    /// The list is signed.
    pub sign: bool,
    /// A tag may move from an image of more platforms to this one.
    pub drop_platforms: bool,
}

/// What a tag names now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The manifest.
    pub digest: ImageDigest,
    /// What it runs on, as `os/arch`.
    pub platforms: BTreeSet<String>,
}

/// What one repository has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Which repository.
    pub repository: Repository,
    /// Legs that it has.
    pub legs: BTreeSet<ImageDigest>,
    /// It has the list.
    pub index: bool,
    /// What is attached to the list there.
    pub attached: BTreeSet<Attachment>,
    /// The list is signed there.
    pub signed: bool,
    /// What the wanted tags name there.
    pub tags: BTreeMap<Tag, Tagged>,
}

/// One thing to do in a repository.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Copy the image of a platform.
    CopyLeg(ImageDigest),
    /// Write the list, by digest.
    WriteIndex,
    /// Attach something to the list.
    Attach(Attachment),
    /// Sign the list, by digest.
    Sign,
    /// Let a tag name the list.
    Tag(Tag),
}

/// Why nothing may be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// A tag names an image that runs on more.
    #[error(
        "{repository}:{tag} runs on {}, which `{tag}` would lose: nothing was published; merge with those legs, or pass \
         --drop-platforms if they are gone for good", .lost.join(" and ")
    )]
    Loses {
        /// Where.
        repository: Repository,
        /// Which tag.
        tag: Tag,
        /// The platforms.
        lost: Vec<String>,
    },
}

/// What is left to do, in an order that can be broken off anywhere: tags come last, so that whatever a tag names is whole
/// and signed, and a repository where all is done needs nothing.
pub fn acts(wanted: &Wanted, there: &Holding) -> Result<Vec<Act>, PublishError> {
    let platforms: BTreeSet<&str> = wanted.legs.iter().map(|leg| Platform::as_str(leg.platform)).collect();
    for (tag, tagged) in &there.tags {
        let lost = tagged.platforms.iter().filter(|platform| !platforms.contains(platform.as_str()));
        let lost: Vec<String> = lost.cloned().collect();
        if !lost.is_empty() && !wanted.drop_platforms && wanted.tags.contains(tag) {
            return Err(PublishError::Loses { repository: there.repository.clone(), tag: tag.clone(), lost });
        }
    }
    let mut acts: Vec<Act> = wanted
        .legs
        .iter()
        .filter(|leg| !there.legs.contains(&leg.digest))
        .map(|leg| Act::CopyLeg(leg.digest.clone()))
        .collect();
    if !there.index {
        acts.push(Act::WriteIndex);
    }
    let missing = Attachment::ALL.into_iter().filter(|attachment| !there.attached.contains(attachment));
    acts.extend(missing.map(Act::Attach));
    if wanted.sign && !there.signed {
        acts.push(Act::Sign);
    }
    let names = |tag: &Tag| there.tags.get(tag).is_some_and(|tagged| tagged.digest == wanted.index);
    acts.extend(wanted.tags.iter().filter(|tag| !names(tag)).cloned().map(Act::Tag));
    Ok(acts)
}
