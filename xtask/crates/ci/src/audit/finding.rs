//! What is wrong, in words and as data.

use super::Part;
use model::key::Key;
use model::oci::{ImageDigest, Repository, Tag};
use model::platform::Platform;
use std::fmt;

/// Something that is not as promised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Finding {
    /// Of which image: the end of its tags.
    pub suffix: String,
    /// In which repository; none for what is the same in all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    /// What it is.
    #[serde(flatten)]
    pub what: What,
}

/// What can be wrong with an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum What {
    /// The tag is not there.
    Absent,
    /// It has no image for a platform.
    PlatformMissing {
        /// Which.
        platform: Platform,
    },
    /// It has an image for a platform that is not promised, or a second one for one that is.
    PlatformExtra {
        /// Which, as `os/arch`.
        platform: String,
        /// The image.
        digest: ImageDigest,
    },
    /// Repositories have different images under one tag.
    Differs {
        /// What each has.
        digests: Vec<(Repository, ImageDigest)>,
    },
    /// An image that is listed is not there.
    ManifestGone {
        /// The image.
        digest: ImageDigest,
    },
    /// A configuration or layer is not there.
    BlobGone {
        /// The image that needs it.
        image: ImageDigest,
        /// The blob.
        digest: ImageDigest,
    },
    /// The image is for something else than the list says.
    WrongPlatform {
        /// What the list says.
        listed: String,
        /// What the image says.
        says: String,
    },
    /// The image says of itself nothing that could be started.
    NoEntrypoint {
        /// On which platform.
        platform: String,
    },
    /// What the image starts is not in it.
    EntryMissing {
        /// On which platform.
        platform: String,
        /// The program.
        path: String,
    },
    /// What the image starts cannot be executed.
    EntryNotExecutable {
        /// On which platform.
        platform: String,
        /// The file.
        path: String,
    },
    /// The image holds no package.
    NoPackage {
        /// On which platform.
        platform: String,
    },
    /// The image holds the package of something else.
    OtherPackage {
        /// On which platform.
        platform: String,
        /// What it is.
        package: String,
    },
    /// Files of the package are not in the image.
    FilesMissing {
        /// On which platform.
        platform: String,
        /// Some of them.
        files: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// The image was not made from this checkout.
    Stale {
        /// Of what.
        #[serde(flatten)]
        of: Part,
        /// The key that it says it has, if it says any.
        key: Option<String>,
        /// The key of this checkout.
        expected: Key,
    },
    /// Nobody has built this checkout's unit.
    Unbuilt {
        /// Which.
        #[serde(flatten)]
        of: Part,
        /// Its key.
        key: Key,
    },
    /// A tag that nobody promises.
    Unpromised {
        /// Which.
        tag: Tag,
    },
    /// Layers too large to be read.
    Unread {
        /// On which platform.
        platform: String,
        /// How large.
        bytes: u64,
    },
    /// A key that only another machine can know.
    KeyUnknown {
        /// Of what.
        #[serde(flatten)]
        of: Part,
    },
}

/// Findings that belong together, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Nothing is there.
    Missing,
    /// Not for all platforms, or for others.
    Platforms,
    /// Registries disagree.
    Disagreement,
    /// Something is listed and not there.
    Broken,
    /// It would not start, or is something else.
    Contents,
    /// Not made from this checkout.
    Outdated,
    /// Published and not promised.
    Unpromised,
    /// Not looked at.
    NotAsked,
}

impl Group {
    /// As a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Missing => "not published",
            Self::Platforms => "published for other platforms than promised",
            Self::Disagreement => "different images in different repositories",
            Self::Broken => "manifests or blobs that are not there",
            Self::Contents => "images that would not start, or are not what they should be",
            Self::Outdated => "not made from this checkout",
            Self::Unpromised => "published, and not promised",
            Self::NotAsked => "not looked at",
        }
    }
}

impl What {
    /// Where it belongs.
    pub fn group(&self) -> Group {
        match self {
            Self::Absent => Group::Missing,
            Self::PlatformMissing { .. } | Self::PlatformExtra { .. } => Group::Platforms,
            Self::Differs { .. } => Group::Disagreement,
            Self::ManifestGone { .. } | Self::BlobGone { .. } => Group::Broken,
            Self::WrongPlatform { .. }
            | Self::NoEntrypoint { .. }
            | Self::EntryMissing { .. }
            | Self::EntryNotExecutable { .. }
            | Self::NoPackage { .. }
            | Self::OtherPackage { .. }
            | Self::FilesMissing { .. } => Group::Contents,
            Self::Stale { .. } | Self::Unbuilt { .. } => Group::Outdated,
            Self::Unpromised { .. } => Group::Unpromised,
            Self::Unread { .. } | Self::KeyUnknown { .. } => Group::NotAsked,
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there is no such tag"),
            Self::PlatformMissing { platform } => write!(f, "has no image for {platform}"),
            Self::PlatformExtra { platform, digest } => {
                write!(f, "has {digest} for {platform}, which is not promised or there already")
            }
            Self::Differs { digests } => {
                let each = digests.iter().map(|(repository, digest)| format!("{repository} has {digest}"));
                f.write_str(&each.collect::<Vec<_>>().join(", "))
            }
            Self::ManifestGone { digest } => write!(f, "lists {digest}, which is not there"),
            Self::BlobGone { image, digest } => {
                write!(f, "{image} needs the blob {digest}, which is not there")
            }
            Self::WrongPlatform { listed, says } => write!(f, "the image for {listed} says it is for {says}"),
            Self::NoEntrypoint { platform } => write!(f, "the image for {platform} starts nothing"),
            Self::EntryMissing { platform, path } => {
                write!(f, "the image for {platform} starts {path}, which is not in it")
            }
            Self::EntryNotExecutable { platform, path } => {
                write!(f, "the image for {platform} starts {path}, which cannot be executed")
            }
            Self::NoPackage { platform } => write!(f, "the image for {platform} holds no package.json"),
            Self::OtherPackage { platform, package } => {
                write!(f, "the image for {platform} holds the package {package}")
            }
            Self::FilesMissing { platform, files, count } => {
                let more = if *count > files.len() { " …" } else { "" };
                write!(
                    f,
                    "the image for {platform} lacks {count} files of its package: {}{more}",
                    files.join(", ")
                )
            }
            Self::Stale { of, key: Some(key), expected } => {
                write!(f, "{of} has key {}, this checkout's is {}", short(key), expected.short())
            }
            Self::Stale { of, key: None, expected } => {
                write!(f, "{of} says no key, this checkout's is {}", expected.short())
            }
            Self::Unbuilt { of, key } => {
                write!(f, "{of} is not built: there is no img-{}…", key.short())
            }
            Self::Unpromised { tag } => write!(f, "no manifest promises {tag}"),
            Self::Unread { platform, bytes } => {
                write!(f, "the layers of the image for {platform} have {} MB", bytes / 1_000_000)
            }
            Self::KeyUnknown { of } => write!(f, "the key of {of} is only known on such a machine"),
        }
    }
}

fn short(key: &str) -> &str {
    key.get(..12).unwrap_or(key)
}
