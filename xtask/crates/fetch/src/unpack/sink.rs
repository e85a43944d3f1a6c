//! Writes checked entries below one fresh directory.

use super::entry::Entry;
use super::links::stays_inside;
use super::{Limits, UnpackError};
use crate::io_error::IoError;
use crate::select::Selection;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked {
    /// Regular files and links.
    pub files: u64,
    /// Bytes in regular files.
    pub bytes: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
    Link,
}

/// The destination of one archive, with all that is known to lie in it: as nobody else writes there, the map is the
/// truth, and no entry is ever written through a link.
pub(crate) struct Sink<'a> {
    root: &'a Utf8Path,
    limits: &'a Limits,
    selection: &'a Selection,
    seen: BTreeMap<Utf8PathBuf, Kind>,
    links: BTreeMap<Utf8PathBuf, String>,
    bytes: u64,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(root: &'a Utf8Path, limits: &'a Limits, selection: &'a Selection) -> Self {
        Self { root, limits, selection, seen: BTreeMap::new(), links: BTreeMap::new(), bytes: 0 }
    }

    /// Writes one entry, if the selection wants it.
    pub(crate) fn take(&mut self, path: &Utf8Path, entry: Entry<'_>) -> Result<(), UnpackError> {
        let Some(path) = self.selection.place(path) else { return Ok(()) };
        match entry {
            Entry::Directory => self.directory(&path),
            Entry::File { executable, content } => self.file(&path, executable, content),
            Entry::Symlink(target) => {
                self.claim(&path, Kind::Link)?;
                self.links.insert(path, target);
                Ok(())
            }
            Entry::Hardlink(target) => self.hardlink(&path, &target),
        }
    }

    /// Makes the links, after all that they could have misled is written.
    pub(crate) fn finish(self) -> Result<Unpacked, UnpackError> {
        for (path, target) in &self.links {
            if !stays_inside(&self.links, path) {
                return Err(UnpackError::Link { path: path.clone(), target: target.clone() });
            }
        }
        for (path, target) in &self.links {
            let full = self.root.join(path);
            symlink(target, &full).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => UnpackError::Duplicate(path.clone()),
                _ => IoError::new("making the link", &full, error).into(),
            })?;
        }
        let files = self.seen.values().filter(|kind| **kind != Kind::Directory).count() as u64;
        Ok(Unpacked { files, bytes: self.bytes })
    }

    fn directory(&mut self, path: &Utf8Path) -> Result<(), UnpackError> {
        match self.seen.get(path) {
            Some(Kind::Directory) => return Ok(()),
            Some(_) => return Err(UnpackError::Duplicate(path.to_owned())),
            None => {}
        }
        if let Some(parent) = path.parent().filter(|parent| !parent.as_str().is_empty()) {
            self.directory(parent)?;
        }
        let full = self.root.join(path);
        match std::fs::create_dir(&full) {
            Ok(()) => {}
            // A case-insensitive file system may know the directory under another spelling.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && full.is_dir() => {}
            Err(error) => return Err(IoError::new("making the directory", &full, error).into()),
        }
        self.seen.insert(path.to_owned(), Kind::Directory);
        Ok(())
    }

    /// Reserves a path for a file or link, and makes its parents.
    fn claim(&mut self, path: &Utf8Path, kind: Kind) -> Result<(), UnpackError> {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_str().is_empty()) {
            self.directory(parent)?;
        }
        match self.seen.insert(path.to_owned(), kind) {
            None => Ok(()),
            Some(_) => Err(UnpackError::Duplicate(path.to_owned())),
        }
    }

    fn file(&mut self, path: &Utf8Path, executable: bool, content: &mut dyn Read) -> Result<(), UnpackError> {
        self.claim(path, Kind::File)?;
        let full = self.root.join(path);
        let writing = |error| UnpackError::Io(IoError::new("writing", &full, error));
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(if executable { 0o755 } else { 0o644 })
            .open(&full)
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => UnpackError::Duplicate(path.to_owned()),
                _ => writing(error),
            })?;
        let room = self.limits.bytes.saturating_sub(self.bytes);
        // Reading and writing fail for different reasons: the archive is broken, or the disk is full.
        let mut source = Marked { inner: content.take(room.saturating_add(1)), failed: false };
        let copied = io::copy(&mut source, &mut file);
        let written = copied.map_err(|e| if source.failed { UnpackError::Broken(e) } else { writing(e) })?;
        if written > room {
            return Err(UnpackError::TooMuch { what: "unpacked bytes", limit: self.limits.bytes });
        }
        self.bytes += written;
        Ok(())
    }

    /// A second name becomes a second file: trees are compared by content, and no edit may reach two places.
    fn hardlink(&mut self, path: &Utf8Path, target: &Utf8Path) -> Result<(), UnpackError> {
        let known = self.selection.place(target).filter(|t| self.seen.get(t) == Some(&Kind::File));
        let Some(target) = known else {
            return Err(UnpackError::Link { path: path.to_owned(), target: target.to_string() });
        };
        let from = self.root.join(&target);
        let reading = |error| UnpackError::Io(IoError::new("reading", &from, error));
        let mut content = std::fs::File::open(&from).map_err(reading)?;
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&content.metadata().map_err(reading)?.permissions());
        self.file(path, mode & 0o100 != 0, &mut content)
    }
}

/// Remembers that reading failed, which `io::copy` does not tell apart from writing.
struct Marked<R> {
    inner: R,
    failed: bool,
}

impl<R: Read> Read for Marked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(buffer);
        self.failed |= result.as_ref().is_err_and(|e| e.kind() != io::ErrorKind::Interrupted);
        result
    }
}
