//! An archive, or a single file, behind a URL.

use super::{Job, Proof};
use crate::error::MirrorError;
use crate::io_error::IoError;
use crate::unpack::is_archive;
use camino::Utf8Path;
use model::source::{Sha256, Upstream};
use transfer::redact;

/// A file that is no archive is the one file of the tree, under the URL's last part.
pub(super) fn populate(
    job: &Job<'_>,
    url: &str,
    sha256: &Sha256,
    subdir: &Utf8Path,
    tree: &Utf8Path,
) -> Result<Proof, MirrorError> {
    let file = job.downloads.get(url, sha256, &|bytes| job.progress(bytes))?;
    let shown = redact(url);
    if is_archive(&file).map_err(|error| MirrorError::Unpack { archive: shown.clone(), error })? {
        job.unpack(&file, &shown, 0, subdir, tree)?;
    } else {
        let path = url.split(['?', '#']).next().unwrap_or(url);
        let name = path.rsplit('/').next().filter(|name| !matches!(*name, "" | "." | "..")).unwrap_or("file");
        let to = tree.join(name);
        std::fs::copy(&file, &to).map_err(|e| IoError::new("writing", &to, e))?;
    }
    let is_upstream =
        matches!(&job.pin.upstream, Upstream::Archive { sha256: pinned, .. } if pinned == sha256);
    Ok(if is_upstream { Proof::Upstream } else { Proof::Itself })
}
