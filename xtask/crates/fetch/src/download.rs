//! The download cache: files named by their SHA-256, partial ones kept so that the next try goes on where one broke.

use crate::curl::{Request, Response, curl, failure};
use crate::digest::sha256_reader;
use crate::error::{IoError, MirrorError};
use crate::lock::{Guard, lock};
use crate::transfer::Transfer;
use ::curl::redact;
use camino::{Utf8Path, Utf8PathBuf};
use plan::source::Sha256;
use std::fs;
use std::io;

/// A connection that breaks is taken up again this often, as long as each try brings something.
const RESUMES: u32 = 20;

const RANGE_ERROR: i32 = 33;
const PARTIAL_FILE: i32 = 18;
const RECEIVE_ERROR: i32 = 56;
const HTTP2_STREAM: i32 = 92;
const TIMED_OUT: i32 = 28;
const WRITE_ERROR: i32 = 23;

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
                let found = sha256_reader(file).map_err(|e| IoError::new("hashing", &path, e))?;
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
        let mut restarts = 2;
        for _ in 0..RESUMES {
            let before = size(part);
            let request = Request { url, head: false, accept: None, output: Some(part) };
            let response = curl(&request, &self.transfer, || progress(size(part)))?;
            progress(size(part));
            match response.exit {
                0 => return Ok(()),
                // The server cannot continue, or there is nothing left to continue: begin again.
                _ if before > 0 && restarts > 0 && cannot_continue(&response) => {
                    remove(part)?;
                    restarts -= 1;
                }
                PARTIAL_FILE | RECEIVE_ERROR | HTTP2_STREAM if size(part) > before => {}
                WRITE_ERROR => return Err(write_error(part, &response)),
                TIMED_OUT => {
                    let program = format!("download of {}", redact(url));
                    return Err(MirrorError::Hung { program, after: self.transfer.stall });
                }
                _ => return Err(failure(&response, url)),
            }
        }
        let reason =
            format!("the connection broke {RESUMES} times; {} bytes are kept for the next try", size(part));
        Err(MirrorError::Download { url: redact(url), reason })
    }

    fn accept(&self, part: &Utf8Path, sha256: &Sha256, what: &str) -> Result<Utf8PathBuf, MirrorError> {
        let file = fs::File::open(part).map_err(|e| IoError::new("opening", part, e))?;
        let found = sha256_reader(&file).map_err(|e| IoError::new("hashing", part, e))?;
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

fn cannot_continue(response: &Response) -> bool {
    response.exit == RANGE_ERROR || response.status == 416
}

/// Curl says only that it could not write; the disk is the usual reason, and decides whether others are tried.
fn write_error(part: &Utf8Path, response: &Response) -> MirrorError {
    let probe = part.with_extension("probe");
    let result = fs::write(&probe, vec![0; 64 * 1024]);
    let _ = fs::remove_file(&probe);
    let error = result.err().unwrap_or_else(|| io::Error::other(response.detail.clone()));
    IoError::new("writing the download", part, error).into()
}

fn size(path: &Utf8Path) -> u64 {
    path.metadata().map_or(0, |meta| meta.len())
}

fn remove(path: &Utf8Path) -> Result<(), IoError> {
    fs::remove_file(path).map_err(|e| IoError::new("removing", path, e))
}
