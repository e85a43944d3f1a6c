//! Walks a zip file by its central directory: stored and deflated entries, which is what releases use.
//!
//! Own code, as the zip crate would bring a second proc-macro stack into every build of xtask for this alone.

use super::entry::{Entry, clean};
use super::{Limits, UnpackError, Visit};
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::io::{self, Read, Seek, SeekFrom};

const END: usize = 22;
const CENTRAL: usize = 46;
const LOCAL: usize = 30;
const UNIX: u8 = 3;
/// The directory is held in memory.
const DIRECTORY: u64 = 32 << 20;

pub(super) fn walk(
    mut reader: impl Read + Seek,
    limits: &Limits,
    visit: Visit<'_>,
) -> Result<(), UnpackError> {
    let directory = directory(&mut reader, limits)?;
    let mut rest = directory.as_slice();
    let mut bytes: u64 = 0;
    while !rest.is_empty() {
        let head = rest.get(..CENTRAL).filter(|head| head.starts_with(b"PK\x01\x02"));
        let head = head.ok_or_else(|| broken("its directory is damaged"))?;
        let (name, extra, comment) = (u16_at(head, 28), u16_at(head, 30), u16_at(head, 32));
        let end = CENTRAL + name + extra + comment;
        let text = rest.get(CENTRAL..CENTRAL + name).ok_or_else(|| broken("its directory is cut short"))?;
        rest = rest.get(end..).ok_or_else(|| broken("its directory is cut short"))?;
        let path = clean(text, limits.path)?;
        let (packed, size) = (u32_at(head, 20), u32_at(head, 24));
        bytes += u64::from(size);
        if bytes > limits.bytes {
            return Err(UnpackError::TooMuch { what: "unpacked bytes", limit: limits.bytes });
        }
        if u16_at(head, 8) & 1 != 0 {
            return Err(UnpackError::Kind { path, what: "encrypted" });
        }
        let mode = if head[5] == UNIX { u32_at(head, 38) >> 16 } else { 0 };
        let raw = data(&mut reader, u64::from(u32_at(head, 42)))?.take(u64::from(packed));
        let mut inflated;
        let mut stored;
        let inner: &mut dyn Read = match u16_at(head, 10) {
            0 => {
                stored = raw;
                &mut stored
            }
            8 => {
                inflated = DeflateDecoder::new(raw);
                &mut inflated
            }
            _ => return Err(UnpackError::Kind { path, what: "compressed in a way that is not known here" }),
        };
        let mut content = Checked { inner, crc: Crc::new(), wanted: u32_at(head, 16), size };
        let entry = match mode & 0o170_000 {
            _ if text.ends_with(b"/") => Entry::Directory,
            0 | 0o100_000 => Entry::File { executable: mode & 0o100 != 0, content: &mut content },
            0o120_000 => {
                let mut target = String::new();
                content.take(limits.path + 1).read_to_string(&mut target).map_err(UnpackError::Broken)?;
                if target.is_empty() || target.len() as u64 > limits.path || target.contains('\0') {
                    return Err(UnpackError::Path(target));
                }
                Entry::Symlink(target)
            }
            _ => return Err(UnpackError::Kind { path, what: "a device or a pipe" }),
        };
        visit(path, entry)?;
    }
    Ok(())
}

/// Reads the central directory, which the record at the file's end points at.
fn directory(reader: &mut (impl Read + Seek), limits: &Limits) -> Result<Vec<u8>, UnpackError> {
    let length = reader.seek(SeekFrom::End(0)).map_err(UnpackError::Broken)?;
    // The record may be followed by a comment of at most 64 KiB.
    let tail_start = length.saturating_sub((END + 0xffff) as u64);
    reader.seek(SeekFrom::Start(tail_start)).map_err(UnpackError::Broken)?;
    let mut tail = Vec::new();
    reader.take((END + 0xffff) as u64).read_to_end(&mut tail).map_err(UnpackError::Broken)?;
    let is_end = |at: &usize| {
        tail[*at..].starts_with(b"PK\x05\x06") && at + END + u16_at(&tail[*at..], 20) == tail.len()
    };
    let last = tail.len().checked_sub(END).ok_or_else(|| broken("it is too short"))?;
    let end = (0..=last).rev().find(is_end).ok_or_else(|| broken("it has no directory: cut short?"))?;
    let end = &tail[end..];
    let (count, size, start) = (u16_at(end, 10), u64::from(u32_at(end, 12)), u64::from(u32_at(end, 16)));
    if count == 0xffff || start == 0xffff_ffff {
        return Err(UnpackError::Kind { path: "zip64".into(), what: "larger than a plain zip file may be" });
    }
    if count as u64 > limits.entries {
        return Err(UnpackError::TooMuch { what: "entries", limit: limits.entries });
    }
    if size > DIRECTORY {
        return Err(UnpackError::TooMuch { what: "bytes of directory", limit: DIRECTORY });
    }
    if start.saturating_add(size) > length {
        return Err(broken("its directory lies outside"));
    }
    reader.seek(SeekFrom::Start(start)).map_err(UnpackError::Broken)?;
    let mut directory = Vec::new();
    reader.take(size).read_to_end(&mut directory).map_err(UnpackError::Broken)?;
    Ok(directory)
}

/// Positions `reader` at the bytes of the entry whose local header is at `offset`.
fn data<R: Read + Seek>(reader: &mut R, offset: u64) -> Result<&mut R, UnpackError> {
    let mut head = [0; LOCAL];
    reader.seek(SeekFrom::Start(offset)).map_err(UnpackError::Broken)?;
    reader.read_exact(&mut head).map_err(UnpackError::Broken)?;
    if !head.starts_with(b"PK\x03\x04") {
        return Err(broken("an entry is not where its directory says"));
    }
    let skip = u16_at(&head, 26) + u16_at(&head, 28);
    reader.seek(SeekFrom::Start(offset + (LOCAL + skip) as u64)).map_err(UnpackError::Broken)?;
    Ok(reader)
}

/// Fails at the end if length or checksum are not those of the directory.
struct Checked<'a> {
    inner: &'a mut dyn Read,
    crc: Crc,
    wanted: u32,
    size: u32,
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.crc.update(&buffer[..count]);
        if count == 0 && !buffer.is_empty() && (self.crc.sum(), self.crc.amount()) != (self.wanted, self.size)
        {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an entry's checksum is wrong"));
        }
        Ok(count)
    }
}

fn broken(what: &'static str) -> UnpackError {
    UnpackError::Broken(io::Error::new(io::ErrorKind::InvalidData, what))
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
