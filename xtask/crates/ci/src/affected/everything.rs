//! All units: where nothing is known.

use super::{Evidence, Head, Reason, Selection};
use plan::published;

pub(super) fn select(head: Head<'_>, why: &str) -> Selection {
    Selection {
        evidence: Evidence::Everything,
        why: why.to_owned(),
        units: published::units(head.manifests).map(|unit| (unit, vec![Reason::Unknown])).collect(),
    }
}
