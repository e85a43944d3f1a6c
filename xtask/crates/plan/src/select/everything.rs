//! All units: where nothing is known.

use super::{Evidence, Head, Reason, Selection};
use crate::units;

pub(super) fn select(head: Head<'_>, why: &str) -> Selection {
    Selection {
        evidence: Evidence::Everything,
        why: why.to_owned(),
        units: units::units(head.catalog).map(|unit| (unit, vec![Reason::Unknown])).collect(),
    }
}
