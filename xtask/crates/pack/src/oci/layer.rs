//! Deterministic tars: sorted, no times, no owners, two modes.

use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use model::oci::ImageDigest;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};
use walkdir::WalkDir;

use crate::PackError;
use crate::manifest::utf8;

/// Writes the tar of a directory's contents.
pub(super) fn write_tar(directory: &Utf8Path, out: impl Write) -> Result<(), PackError> {
    let mut paths: Vec<Utf8PathBuf> = Vec::new();
    for entry in WalkDir::new(directory).min_depth(1) {
        let entry = entry.map_err(io::Error::from)?;
        paths.push(utf8(entry.path())?.strip_prefix(directory).map_err(io::Error::other)?.to_owned());
    }
    // By component, so that a directory comes before what it holds.
    paths.sort_by(|a, b| a.components().cmp(b.components()));
    let mut tar = Builder::new(out);
    for path in paths {
        append(&mut tar, &directory.join(&path), &path)?;
    }
    tar.into_inner()?.flush()?;
    Ok(())
}

fn append(tar: &mut Builder<impl Write>, from: &Utf8Path, path: &Utf8Path) -> Result<(), PackError> {
    let meta = fs_err::symlink_metadata(from)?;
    let kind = meta.file_type();
    let mut header = Header::new_gnu();
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(0);
    if kind.is_dir() {
        header.set_entry_type(EntryType::Directory);
        header.set_mode(0o755);
        tar.append_data(&mut header, format!("{path}/"), io::empty())?;
    } else if kind.is_symlink() {
        header.set_entry_type(EntryType::Symlink);
        header.set_mode(0o777);
        tar.append_link(&mut header, path, from.read_link_utf8()?)?;
    } else if kind.is_file() {
        header.set_entry_type(EntryType::Regular);
        header.set_mode(if meta.permissions().mode() & 0o100 == 0 { 0o644 } else { 0o755 });
        header.set_size(meta.len());
        tar.append_data(&mut header, path, fs_err::File::open(from)?)?;
    } else {
        return Err(PackError::Spec(format!("{from} is neither a file, a directory nor a link")));
    }
    Ok(())
}

/// Digests and counts what passes through.
pub(super) struct Hashing<T> {
    inner: T,
    hasher: Sha256,
    size: u64,
}

impl<T> Hashing<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, hasher: Sha256::new(), size: 0 }
    }

    /// What was wrapped, the digest and the number of bytes.
    pub(super) fn finish(self) -> (T, ImageDigest, u64) {
        (self.inner, named(self.hasher), self.size)
    }

    fn note(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.note(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.note(&bytes[..read]);
        Ok(read)
    }
}

/// The digest of some bytes, as images name it.
pub(super) fn digest(bytes: &[u8]) -> ImageDigest {
    named(Sha256::new_with_prefix(bytes))
}

fn named(hasher: Sha256) -> ImageDigest {
    let digest: [u8; 32] = hasher.finalize().into();
    ImageDigest::from(&model::source::Sha256::from(digest))
}
