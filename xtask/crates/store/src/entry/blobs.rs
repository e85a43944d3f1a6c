//! File contents under their digests.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use crate::error::{Context, Result};
use crate::inputs::hash;
use crate::layout::Layout;
use model::digest::Digest;

/// Stores a copy of a file and returns its digest. `scratch` is a path on the same file system, not yet taken.
pub(crate) fn put(layout: &Layout, source: &Path, size: u64, scratch: &Path) -> Result<Digest> {
    let digest = hash::file(source, size)?;
    let blob = layout.blob(&digest);
    if is_sound(&blob, &digest, size) {
        // Fresh again: a blob that a commit counts on must not look forgotten.
        touch(&blob)?;
        return Ok(digest);
    }
    fs::copy(source, scratch).context("copy", source)?;
    fs::set_permissions(scratch, Permissions::from_mode(0o444)).context("protect", scratch)?;
    let copy = File::open(scratch).context("open", scratch)?;
    copy.set_modified(SystemTime::now()).context("date", scratch)?;
    copy.sync_all().context("flush", scratch)?;
    let shelf = blob.parent().unwrap_or(&blob);
    fs::create_dir_all(shelf).context("create", shelf)?;
    fs::rename(scratch, &blob).context("move into place", &blob)?;
    Ok(digest)
}

/// True for a blob that is there and is what its name says.
pub(crate) fn is_sound(blob: &Path, digest: &Digest, size: u64) -> bool {
    let same_size = fs::metadata(blob).is_ok_and(|meta| meta.len() == size);
    same_size && hash::file(blob, size).is_ok_and(|found| found == *digest)
}

/// Marks a file as used now.
fn touch(path: &Path) -> Result<()> {
    let file = File::open(path).context("open", path)?;
    file.set_modified(SystemTime::now()).context("date", path)
}
