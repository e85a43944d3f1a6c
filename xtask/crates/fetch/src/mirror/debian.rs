//! A Debian source package, fetched by apt.

use super::{Job, Proof};
use crate::error::MirrorError;
use camino::Utf8Path;

pub(super) fn populate(
    _job: &Job<'_>,
    package: &str,
    _version: &str,
    _subdir: &Utf8Path,
    _tree: &Utf8Path,
) -> Result<Proof, MirrorError> {
    Err(MirrorError::Unusable(format!("source package {package} needs apt, which is not asked yet")))
}
