//! Bytes at an offset, from memory or from a file, so that a library of gigabytes costs some kilobytes to read.

use std::io;
use std::os::unix::fs::FileExt;

use macho::Slice;

/// Where an image is read from.
pub trait Source {
    /// At most `len` bytes from `offset`; fewer at the end.
    fn read_at(&self, offset: u64, len: usize) -> io::Result<Vec<u8>>;

    /// How many bytes there are.
    fn size(&self) -> io::Result<u64>;
}

impl Source for [u8] {
    fn read_at(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let end = start.saturating_add(len).min(self.len());
        Ok(self[start..end].to_vec())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

/// A file, or a part of one.
pub struct FileSource {
    file: fs_err::File,
    start: u64,
    size: u64,
}

impl FileSource {
    /// Wraps an open file.
    pub fn new(file: fs_err::File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file, start: 0, size })
    }

    /// Wraps a part of a fat file.
    pub fn part(file: fs_err::File, slice: Slice) -> Self {
        Self { file, start: slice.offset, size: slice.size }
    }
}

impl Source for FileSource {
    fn read_at(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; len.min(left)];
        if !bytes.is_empty() {
            self.file.file().read_exact_at(&mut bytes, self.start.saturating_add(offset))?;
        }
        Ok(bytes)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }
}
