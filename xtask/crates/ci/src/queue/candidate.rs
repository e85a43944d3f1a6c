//! A unit that may have to be built, and what is known of it.

use model::key::Key;
use model::oci::ImageDigest;
use model::unit::UnitId;

/// A published unit and its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which unit.
    pub unit: UnitId,
    /// Its key; none where it depends on the tools of another machine.
    pub key: Option<Key>,
    /// Its key without the bucket of time, if its requirements float: the same as long as nothing but the time changes.
    pub steady: Option<Key>,
}

impl Candidate {
    /// Whether its requirements float.
    pub fn floats(&self) -> bool {
        self.steady.is_some()
    }
}

/// What floating requirements come to now, compared with what the last image was built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Float {
    /// To the very same: that image is as good as one that would be built now.
    Same(ImageDigest),
    /// To something else; this is it.
    Changed(String),
    /// Nobody knows, for this reason.
    Unknown(String),
}
