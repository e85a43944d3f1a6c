//! What registries have, as far as it was looked at.

use model::oci::{ImageDigest, Repository, Tag};
use plan::presence::Answers;
use std::collections::{BTreeMap, BTreeSet};

/// What a tag names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The list, or the image of one platform.
    pub digest: ImageDigest,
    /// What runs on what, as `os/arch`; a platform may be there twice.
    pub legs: Vec<(String, ImageDigest)>,
    /// The version that it says it has.
    pub version: Option<String>,
}

/// What one repository has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRepository {
    /// Which repository.
    pub repository: Repository,
    /// Promised tags that are there.
    pub tags: BTreeMap<Tag, Named>,
    /// Images that are listed, and not there.
    pub gone: BTreeSet<ImageDigest>,
    /// Blobs that images need, and that are not there, by the image.
    pub blobs_gone: BTreeMap<ImageDigest, BTreeSet<ImageDigest>>,
    /// Tags that look like promised ones and are not.
    pub unpromised: BTreeSet<Tag>,
}

/// The image of one platform: what its bytes say wherever they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What its configuration says that it runs on, as `os/arch`.
    pub platform: String,
    /// The key that it says it has.
    pub key: Option<String>,
    /// What it starts.
    pub entrypoint: Option<String>,
    /// What is in it.
    pub files: Files,
}

/// What is in an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// Not looked into: its layers have so many bytes.
    Unread(u64),
    /// Looked into.
    Read {
        /// What is started.
        entry: Entry,
        /// The package in it.
        package: Option<Package>,
    },
}

/// What an image starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A program.
    Program,
    /// A file that cannot be executed.
    NotExecutable,
    /// Nothing.
    Missing,
}

/// The package in an image, by its `package.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The backend.
    pub backend: String,
    /// The variant.
    pub variant: String,
    /// What it runs on, as `os/arch`.
    pub platform: String,
    /// Files that it lists and that are not in the image, or are of another size.
    pub missing: Vec<String>,
}

/// All that was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Repository by repository.
    pub repositories: Vec<SeenRepository>,
    /// Images by digest; none of those that are gone everywhere.
    pub images: BTreeMap<ImageDigest, Image>,
    /// What the cache repository said of the images of keys; none if it was not asked.
    pub kept: Option<Answers>,
}
