//! What becomes of a unit, and why.

use model::image_names::TagSuffix;
use model::key::Key;
use model::oci::ImageDigest;
use std::fmt;

/// What becomes of a unit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    /// It is built: the only action that is a job.
    Build {
        /// Why.
        why: BuildReason,
    },
    /// The registry has its image, which goes into the merge as it is.
    Reuse {
        /// The image.
        image: ImageDigest,
    },
    /// The registry has its image, which gets the name of the release.
    Retag {
        /// The image.
        image: ImageDigest,
    },
    /// Its requirements float and came to what an older image was built from, which is found under the new key from now
    /// on.
    Carry {
        /// The image.
        image: ImageDigest,
    },
    /// It is left alone.
    Untouched {
        /// Why.
        why: IdleReason,
    },
}

/// Why a unit is built.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuildReason {
    /// Somebody said so.
    Forced,
    /// The registry has no image of its key.
    Absent(Key),
    /// The same of one that the event is not about: an earlier run left it, or its image is gone.
    Missing(Key),
    /// It has one that is not used, and why not.
    Refused(String),
    /// The registry did not say whether it has one.
    Unasked,
    /// Only the machine that builds it knows its key.
    NoKey,
    /// Its image goes into one that is merged, and is not there.
    Leg(TagSuffix),
    /// Its requirements come to something else now.
    Floated(String),
    /// It is not known what its requirements came to.
    FloatUnknown(String),
}

/// Why a unit is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdleReason {
    /// The change does not touch it.
    Unchanged,
    /// The change does not touch it, and its image goes into one that is merged.
    Leg,
    /// The change does not touch it, and whether its image is there is not known: no job is queued on suspicion.
    Unsaid,
    /// Only the machine that builds it knows its key, so nobody can be asked: changes and releases build it.
    NoKey,
}

impl Action {
    /// Whether it is a job.
    pub fn is_build(&self) -> bool {
        matches!(self, Self::Build { .. })
    }

    /// Its name for people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Build { .. } => "build",
            Self::Reuse { .. } => "reuse",
            Self::Retag { .. } => "retag",
            Self::Carry { .. } => "carry",
            Self::Untouched { .. } => "untouched",
        }
    }

    /// The reason, without what differs from unit to unit.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Build { why } => why.summary(),
            Self::Reuse { .. } => "the registry has the image of this very key",
            Self::Retag { .. } => "the registry has its image, which gets the release's name",
            Self::Carry { .. } => "its floating requirements came to the same: the last image is as good",
            Self::Untouched { why } => why.summary(),
        }
    }
}

/// The reason alone.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build { why } => why.fmt(f),
            other => f.write_str(other.summary()),
        }
    }
}

impl BuildReason {
    /// Why, without what differs from unit to unit.
    fn summary(&self) -> &'static str {
        match self {
            Self::Forced => "forced",
            Self::Absent(_) => "the registry has no image of its key",
            Self::Missing(_) => "missing since an earlier run",
            Self::Refused(_) => "the registry has an image of its key that nobody who is trusted made",
            Self::Unasked => "the registry did not say whether it has the image",
            Self::NoKey => "only a Mac knows its key: selection alone decides",
            Self::Leg(_) => "its image goes into a merge and is missing",
            Self::Floated(_) => "its floating requirements changed",
            Self::FloatUnknown(_) => "it is not known what its floating requirements were",
        }
    }
}

impl fmt::Display for BuildReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(key) => write!(f, "the registry has no image of key {}", key.short()),
            Self::Missing(key) => {
                write!(f, "{}: the registry has no image of key {}", self.summary(), key.short())
            }
            Self::Leg(suffix) => {
                write!(f, "`{suffix}` is merged, and the registry does not have this platform of it")
            }
            Self::Refused(why) => write!(f, "the registry's image of its key is not used: {why}"),
            Self::Floated(what) => write!(f, "its floating requirements changed: {what}"),
            Self::FloatUnknown(why) => write!(f, "{}: {why}", self.summary()),
            Self::Forced | Self::Unasked | Self::NoKey => f.write_str(self.summary()),
        }
    }
}

impl IdleReason {
    fn summary(self) -> &'static str {
        match self {
            Self::Unchanged => "the change does not touch it",
            Self::Leg => "the change does not touch it; the merge takes the image that is there",
            Self::Unsaid => "the change does not touch it; the registry did not say whether it has the image",
            Self::NoKey => "only a Mac knows its key: it is built when a change touches it, and for releases",
        }
    }
}
