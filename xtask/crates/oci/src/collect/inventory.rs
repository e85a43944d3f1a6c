//! What a repository holds, as data: tags, manifests, and which needs what.

use model::oci::Manifest;
use model::oci::{ImageDigest, Tag};
use std::collections::{BTreeMap, BTreeSet};

/// What a repository holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Every tag.
    pub tags: BTreeMap<Tag, Tagged>,
    /// Every manifest that a tag reaches.
    pub manifests: BTreeMap<ImageDigest, Node>,
}

/// What a tag names, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The manifest.
    pub digest: ImageDigest,
    /// When it was written, in seconds since 1970, where that is known.
    pub written: Option<u64>,
}

/// A manifest among others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Its own length.
    pub bytes: u64,
    /// Manifests that it lists.
    pub children: BTreeSet<ImageDigest>,
    /// Blobs that it refers to, with their lengths.
    pub blobs: BTreeMap<ImageDigest, u64>,
    /// Its configuration, one of the blobs.
    pub config: Option<ImageDigest>,
    /// What it is attached to.
    pub subject: Option<ImageDigest>,
    /// When it says that it was made, in seconds since 1970.
    pub created: Option<u64>,
}

impl Node {
    /// The place of a manifest of `bytes` bytes.
    pub fn of(manifest: &Manifest, bytes: usize) -> Self {
        Self {
            bytes: bytes as u64,
            children: manifest.children().map(|child| child.digest.clone()).collect(),
            blobs: manifest.blobs().map(|blob| (blob.digest.clone(), blob.size)).collect(),
            config: match manifest {
                Manifest::Image(image) => Some(image.config.digest.clone()),
                Manifest::Index(_) => None,
            },
            created: crate::collect::survey::annotated(manifest),
            subject: manifest.subject().map(|subject| subject.digest.clone()),
        }
    }
}

/// What a set of tags needs: manifests and blobs, with their lengths.
pub type Parts = BTreeMap<ImageDigest, u64>;

impl Inventory {
    /// The manifest that a tag such as `sha256-9f86…` or `sha256-9f86….sig` is attached to, by its name.
    pub fn attached_by_name(tag: &Tag) -> Option<ImageDigest> {
        let (algorithm, rest) = tag.as_str().split_once('-')?;
        let hex = rest.split('.').next()?;
        format!("{algorithm}:{hex}").parse().ok()
    }

    /// For each manifest, what is attached to it.
    pub fn attachments(&self) -> BTreeMap<ImageDigest, BTreeSet<ImageDigest>> {
        let mut found: BTreeMap<ImageDigest, BTreeSet<ImageDigest>> = BTreeMap::new();
        let named = self
            .tags
            .iter()
            .filter_map(|(tag, tagged)| Some((Self::attached_by_name(tag)?, tagged.digest.clone())));
        let own =
            self.manifests.iter().filter_map(|(digest, node)| Some((node.subject.clone()?, digest.clone())));
        for (subject, digest) in named.chain(own) {
            found.entry(subject).or_default().insert(digest);
        }
        found
    }

    /// Everything that a manifest needs, itself included, and what is attached to any of that.
    pub fn reach(
        &self,
        digest: &ImageDigest,
        attachments: &BTreeMap<ImageDigest, BTreeSet<ImageDigest>>,
    ) -> Parts {
        let (mut parts, mut open) = (Parts::new(), vec![digest]);
        while let Some(digest) = open.pop() {
            let Some(node) = self.manifests.get(digest) else { continue };
            if parts.insert(digest.clone(), node.bytes).is_some() {
                continue;
            }
            parts.extend(node.blobs.iter().map(|(digest, bytes)| (digest.clone(), *bytes)));
            open.extend(&node.children);
            open.extend(attachments.get(digest).into_iter().flatten());
        }
        parts
    }

    /// Bytes of what these tags need together; what they share counts once.
    pub fn bytes<'a>(&self, tags: impl IntoIterator<Item = &'a Tag>) -> u64 {
        let attachments = self.attachments();
        let mut all = Parts::new();
        for tagged in tags.into_iter().filter_map(|tag| self.tags.get(tag)) {
            all.extend(self.reach(&tagged.digest, &attachments));
        }
        all.values().sum()
    }
}
