//! A directory inside the source distribution of a Python package.

use super::{Job, Proof};
use crate::error::MirrorError;
use crate::pypi;
use camino::{Utf8Path, Utf8PathBuf};
use model::source::Sha256;

pub(super) fn populate(
    job: &Job<'_>,
    package: &str,
    version: &str,
    sha256: &Sha256,
    subdir: &Utf8Path,
    tree: &Utf8Path,
) -> Result<Proof, MirrorError> {
    let file = obtain(job, package, version, sha256)?;
    // An sdist holds all in `<name>-<version>/`.
    job.unpack(&file, &format!("sdist of {package} {version}"), 1, subdir, tree)?;
    Ok(Proof::Itself)
}

/// The verified sdist: from the cache, or from where the user's pip would get it.
pub(crate) fn obtain(
    job: &Job<'_>,
    package: &str,
    version: &str,
    sha256: &Sha256,
) -> Result<Utf8PathBuf, MirrorError> {
    if let Some(file) = job.downloads.cached(sha256)? {
        return Ok(file);
    }
    let indexes = pypi::Indexes::discover(job.transfer);
    if let Some(file) = indexes.as_ref().ok().and_then(|known| known.local(package, version)) {
        return job.downloads.adopt(&file, sha256);
    }
    if job.offline {
        return Err(MirrorError::Offline);
    }
    let found = indexes?.sdist(package, version, job.transfer)?;
    same_digest(&found, sha256)?;
    job.downloads.get(&found.url, sha256, &|bytes| job.progress(bytes))
}

/// Does the index list the file with the pinned digest? Some indexes list none.
pub(crate) fn same_digest(file: &pypi::File, sha256: &Sha256) -> Result<(), MirrorError> {
    match &file.sha256 {
        Some(published) if published != sha256 => Err(MirrorError::Digest {
            what: format!("{} (as its index lists it)", file.filename),
            expected: sha256.clone(),
            found: published.clone(),
        }),
        _ => Ok(()),
    }
}
