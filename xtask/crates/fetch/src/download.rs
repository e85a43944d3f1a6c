//! The download cache: files named by their SHA-256, partial ones kept so that the next try goes on where one broke.

use crate::ask;
use crate::error::MirrorError;
use crate::io_error::IoError;
use crate::lock::{Guard, lock};
use crate::patience::Transfer;
use camino::{Utf8Path, Utf8PathBuf};
use model::source::Sha256;
use std::fs;
use std::io;
use transfer::redact;

/// Verified files by digest.
pub(crate) struct Downloads {
    dir: Utf8PathBuf,
    transfer: Transfer,
    offline: bool,
}

impl Downloads {
    pub(crate) fn new(dir: Utf8PathBuf, transfer: Transfer, offline: bool) -> Self {
        Self { dir, transfer, offline }
    }

    /// Where a file of this digest lies, if it does.
    pub(crate) fn path(&self, sha256: &Sha256) -> Utf8PathBuf {
        self.dir.join(sha256.as_str())
    }

    fn part(&self, sha256: &Sha256) -> Utf8PathBuf {
        self.dir.join(format!("{sha256}.part"))
    }

    /// The cached file, after its digest was checked again; a spoilt one is removed.
    pub(crate) fn cached(&self, sha256: &Sha256) -> Result<Option<Utf8PathBuf>, MirrorError> {
        let path = self.path(sha256);
        match fs::File::open(&path) {
            Ok(file) => {
                let found = Sha256::digest_reader(file).map_err(|e| IoError::new("hashing", &path, e))?;
                if found == *sha256 {
                    return Ok(Some(path));
                }
                fs::remove_file(&path).map_err(|e| IoError::new("removing the spoilt file", &path, e))?;
                Ok(None)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(IoError::new("opening", &path, error).into()),
        }
    }

    /// Takes over a file that another program fetched, if it is the one.
    pub(crate) fn adopt(&self, file: &Utf8Path, sha256: &Sha256) -> Result<Utf8PathBuf, MirrorError> {
        let _lock = self.lock(sha256)?;
        let part = self.part(sha256);
        fs::copy(file, &part).map_err(|e| IoError::new("copying into the cache", file, e))?;
        self.accept(&part, sha256, file.as_str())
    }

    /// Downloads `url`, or goes on with an earlier try.
    pub(crate) fn get(
        &self,
        url: &str,
        sha256: &Sha256,
        progress: &dyn Fn(u64),
    ) -> Result<Utf8PathBuf, MirrorError> {
        if let Some(path) = self.cached(sha256)? {
            return Ok(path);
        }
        if self.offline && !url.starts_with("file:") {
            return Err(MirrorError::Offline);
        }
        let _lock = self.lock(sha256)?;
        if let Some(path) = self.cached(sha256)? {
            return Ok(path);
        }
        let part = self.part(sha256);
        let resumed = size(&part) > 0;
        self.transfer(url, &part, progress)?;
        match self.accept(&part, sha256, url) {
            // What an earlier try left may be another file's beginning: once more from the start.
            Err(MirrorError::Digest { .. }) if resumed => {
                self.transfer(url, &part, progress)?;
                self.accept(&part, sha256, url)
            }
            result => result,
        }
    }

    fn transfer(&self, url: &str, part: &Utf8Path, progress: &dyn Fn(u64)) -> Result<(), MirrorError> {
        let done = ask::download(url, part, &self.transfer, &mut || progress(size(part)));
        progress(size(part));
        done
    }

    fn accept(&self, part: &Utf8Path, sha256: &Sha256, what: &str) -> Result<Utf8PathBuf, MirrorError> {
        let file = fs::File::open(part).map_err(|e| IoError::new("opening", part, e))?;
        let found = Sha256::digest_reader(&file).map_err(|e| IoError::new("hashing", part, e))?;
        if found != *sha256 {
            remove(part)?;
            return Err(MirrorError::Digest { what: redact(what), expected: sha256.clone(), found });
        }
        file.sync_all().map_err(|e| IoError::new("writing", part, e))?;
        let path = self.path(sha256);
        fs::rename(part, &path).map_err(|e| IoError::new("renaming", part, e))?;
        Ok(path)
    }

    /// Two pins may share one archive.
    fn lock(&self, sha256: &Sha256) -> Result<Guard, IoError> {
        lock(&self.dir.join(format!("{sha256}.lock")), || {})
    }
}

fn size(path: &Utf8Path) -> u64 {
    path.metadata().map_or(0, |meta| meta.len())
}

fn remove(path: &Utf8Path) -> Result<(), IoError> {
    fs::remove_file(path).map_err(|e| IoError::new("removing", path, e))
}
