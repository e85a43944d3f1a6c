//! Walks a zip file by its central directory: stored and deflated entries, which is what releases use.

use super::entry::{Entry, clean};
use super::{Limits, UnpackError, Visit};
use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};
use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

pub(super) fn walk(reader: impl Read + Seek, limits: &Limits, visit: Visit<'_>) -> Result<(), UnpackError> {
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_seekable(reader, &mut buffer).map_err(broken)?;
    let (mut count, mut bytes, mut taken) = (0, 0_u64, Taken::default());
    let mut entries = archive.entries(&mut buffer);
    while let Some(head) = entries.next_entry().map_err(broken)? {
        count += 1;
        if count > limits.entries {
            return Err(UnpackError::TooMuch { what: "entries", limit: limits.entries });
        }
        let path = clean(head.file_path().as_bytes(), limits.path)?;
        bytes = bytes.saturating_add(head.uncompressed_size_hint());
        if bytes > limits.bytes {
            return Err(UnpackError::TooMuch { what: "unpacked bytes", limit: limits.bytes });
        }
        if head.flags().is_encrypted() {
            return Err(UnpackError::Kind { path, what: "encrypted" });
        }
        let entry = archive.get_entry(head.wayfinder()).map_err(broken)?;
        if !taken.take(entry.compressed_data_range()) {
            return Err(UnpackError::Kind { path, what: "made of the bytes of another entry" });
        }
        let (mut inflated, mut stored);
        let inner: &mut dyn Read = match head.compression_method() {
            CompressionMethod::STORE => {
                stored = entry.reader();
                &mut stored
            }
            CompressionMethod::DEFLATE => {
                inflated = DeflateDecoder::new(entry.reader());
                &mut inflated
            }
            _ => return Err(UnpackError::Kind { path, what: "compressed in a way that is not known here" }),
        };
        // Fails at the end if length or checksum are not those of the directory.
        let mut content = entry.verifying_reader(inner);
        let mode = head.mode().value();
        let entry = match mode & 0o170_000 {
            _ if head.is_dir() => Entry::Directory,
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
    if count < archive.entries_hint() {
        return Err(broken("its directory is cut short"));
    }
    Ok(())
}

/// Where the bytes of entries are, by their beginnings: entries that share them make a bomb.
#[derive(Default)]
struct Taken(BTreeMap<u64, u64>);

impl Taken {
    /// Whether nobody else has them.
    fn take(&mut self, (start, end): (u64, u64)) -> bool {
        let before = self.0.range(..end).next_back();
        let is_free = start == end || before.is_none_or(|(_, end)| *end <= start);
        if is_free && start < end {
            self.0.insert(start, end);
        }
        is_free
    }
}

fn broken(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> UnpackError {
    UnpackError::Broken(io::Error::new(io::ErrorKind::InvalidData, why))
}

#[cfg(test)]
mod tests {
    use super::Taken;

    #[test]
    fn bytes_belong_to_one_entry() {
        let mut taken = Taken::default();
        for (range, is_free) in [
            ((10, 20), true),
            ((20, 30), true),
            ((0, 10), true),
            ((15, 15), true),
            ((5, 6), false),
            ((29, 40), false),
            ((0, 100), false),
            ((40, 50), true),
            ((30, 41), false),
        ] {
            assert_eq!(taken.take(range), is_free, "{range:?}");
        }
    }
}
