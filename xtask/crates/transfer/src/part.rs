//! A part of a file, to be sent.

use crate::error::TransferError;
use camino::Utf8Path;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Take};

/// Yields exactly as many bytes as were announced, or fails.
pub(crate) struct Part(Take<File>);

impl Part {
    pub(crate) fn open(path: &Utf8Path, from: u64, length: u64) -> Result<Self, TransferError> {
        let opened = File::open(path).and_then(|mut file| {
            file.seek(SeekFrom::Start(from))?;
            Ok(Self(file.take(length)))
        });
        opened.map_err(|error| TransferError::file("reading", path, error))
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 if self.0.limit() > 0 && !buffer.is_empty() => {
                Err(io::Error::new(ErrorKind::UnexpectedEof, "the file that is sent became shorter"))
            }
            read => Ok(read),
        }
    }
}
