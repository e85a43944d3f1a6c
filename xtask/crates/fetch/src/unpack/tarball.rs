//! Walks a tar stream. Long names are read here rather than by the tar crate, which would read them without a limit.

use super::entry::{Entry, clean};
use super::{Limits, UnpackError, Visit};
use std::borrow::Cow;
use std::io::Read;
use tar::EntryType;

/// Names that an extension header gives to the entry after it.
#[derive(Default)]
struct Override {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

pub(super) fn walk(reader: impl Read, limits: &Limits, visit: Visit<'_>) -> Result<(), UnpackError> {
    let mut archive = tar::Archive::new(reader);
    let mut over = Override::default();
    let mut bytes: u64 = 0;
    for (index, entry) in (0..).zip(archive.entries().map_err(UnpackError::Broken)?.raw(true)) {
        let mut entry = entry.map_err(UnpackError::Broken)?;
        if index >= limits.entries {
            return Err(UnpackError::TooMuch { what: "entries", limit: limits.entries });
        }
        let size = entry.header().entry_size().map_err(UnpackError::Broken)?;
        bytes = bytes.saturating_add(size);
        if bytes > limits.bytes {
            return Err(UnpackError::TooMuch { what: "unpacked bytes", limit: limits.bytes });
        }
        let kind = entry.header().entry_type();
        match kind {
            EntryType::XGlobalHeader => {}
            EntryType::GNULongName => over.path = Some(text(&mut entry, limits)?),
            EntryType::GNULongLink => over.link = Some(text(&mut entry, limits)?),
            EntryType::XHeader => pax(&read(&mut entry, 16 * limits.path)?, &mut over)?,
            _ => {
                let over = std::mem::take(&mut over);
                let name = over.path.unwrap_or_else(|| entry.header().path_bytes().into_owned());
                let path = clean(&name, limits.path)?;
                let link = over.link.or_else(|| entry.header().link_name_bytes().map(Cow::into_owned));
                let link = link.unwrap_or_default();
                let executable = entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
                let entry = match kind {
                    EntryType::Directory => Entry::Directory,
                    EntryType::Regular | EntryType::Continuous if name.ends_with(b"/") => Entry::Directory,
                    EntryType::Regular | EntryType::Continuous => {
                        Entry::File { executable, content: &mut entry }
                    }
                    EntryType::Symlink => Entry::Symlink(target(link, limits)?),
                    EntryType::Link => Entry::Hardlink(clean(&link, limits.path)?),
                    _ => return Err(UnpackError::Kind { path, what: "a device, a pipe or a sparse file" }),
                };
                visit(path, entry)?;
            }
        }
    }
    Ok(())
}

fn read(reader: &mut impl Read, limit: u64) -> Result<Vec<u8>, UnpackError> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes).map_err(UnpackError::Broken)?;
    if bytes.len() as u64 > limit {
        return Err(UnpackError::TooMuch { what: "bytes in one name", limit });
    }
    Ok(bytes)
}

fn text(reader: &mut impl Read, limits: &Limits) -> Result<Vec<u8>, UnpackError> {
    let mut bytes = read(reader, limits.path)?;
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    Ok(bytes)
}

fn target(bytes: Vec<u8>, limits: &Limits) -> Result<String, UnpackError> {
    if bytes.is_empty() || bytes.len() as u64 > limits.path || bytes.contains(&0) {
        return Err(UnpackError::Path(String::from_utf8_lossy(&bytes).into_owned()));
    }
    String::from_utf8(bytes)
        .map_err(|error| UnpackError::Path(String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

fn pax(bytes: &[u8], over: &mut Override) -> Result<(), UnpackError> {
    for record in tar::PaxExtensions::new(bytes) {
        let record = record.map_err(UnpackError::Broken)?;
        match record.key_bytes() {
            b"path" => over.path = Some(record.value_bytes().to_vec()),
            b"linkpath" => over.link = Some(record.value_bytes().to_vec()),
            key if key == b"size" || key.starts_with(b"GNU.sparse") => {
                let path = over.path.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                let path = path.into_owned().into();
                return Err(UnpackError::Kind { path, what: "a sparse file, or larger than 8 GiB" });
            }
            _ => {}
        }
    }
    Ok(())
}
