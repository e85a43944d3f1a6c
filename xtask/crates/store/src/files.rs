//! Single files that callers keep by content, such as downloads.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::blobs;
use crate::digest::Digest;
use crate::error::{Context, Error, Result};
use crate::hash;
use crate::layout::Layout;
use crate::lock::Writing;
use crate::store::Store;

impl Store {
    /// Stores a copy of a file under its digest, until garbage collection needs the room.
    pub fn put_file(&self, path: &Path) -> Result<Digest> {
        let layout = self.layout();
        let _writing = Writing::begin(&layout.lock())?;
        let tmp = Layout::made(layout.tmp())?;
        let stage = tempfile::tempdir_in(&tmp).context("write into", &tmp)?;
        let size = fs::metadata(path).context("look at", path)?.len();
        let digest = blobs::put(layout, path, size, &stage.path().join("blob"))?;
        let mark = Layout::made(layout.kept())?.join(digest.to_hex());
        File::create(&mark).context("create", &mark)?;
        blobs::touch(&mark)?;
        Ok(digest)
    }

    /// Where a file kept by `put_file` lies, if it is there; for reading only. It is verified first: a damaged one
    /// is removed and reported as `Error::Damaged`.
    pub fn blob_path(&self, digest: &Digest) -> Result<Option<PathBuf>> {
        let (mark, blob) = (self.layout().kept().join(digest.to_hex()), self.layout().blob(digest));
        if !mark.exists() {
            return Ok(None);
        }
        let size = match fs::metadata(&blob).context("look at", &blob) {
            Ok(meta) => meta.len(),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        if hash::file(&blob, size)? != *digest {
            let removed = fs::remove_file(&blob).is_ok();
            return Err(Error::Damaged { path: blob, removed });
        }
        // The order of last use; a store that cannot be written has none.
        drop(blobs::touch(&mark));
        Ok(Some(blob))
    }
}
