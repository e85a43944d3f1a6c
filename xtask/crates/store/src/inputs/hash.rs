//! Digests of files: small ones through a buffer that each thread keeps, large ones mapped and shared out.

use std::cell::RefCell;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use crate::error::{Context, Result};
use model::digest::Digest;

/// From here on a file is worth splitting between threads.
const LARGE: u64 = 8 << 20;
/// Stays in a core's own cache between reading, hashing and writing.
const BUFFER: usize = 128 << 10;

thread_local! {
    static BUFFERS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Digests a file of about `size` bytes.
pub(crate) fn file(path: &Path, size: u64) -> Result<Digest> {
    if size >= LARGE {
        let mut hasher = blake3::Hasher::new();
        hasher.update_mmap_rayon(path).context("read", path)?;
        return Ok(hasher.finalize().into());
    }
    let mut file = File::open(path).context("open", path)?;
    stream(&mut file, path, |_| Ok(()))
}

/// Copies a file and digests what was copied.
pub(crate) fn copy(from: &mut File, from_path: &Path, to: &mut File, to_path: &Path) -> Result<Digest> {
    stream(from, from_path, |bytes| to.write_all(bytes).context("write", to_path))
}

fn stream(file: &mut File, path: &Path, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<Digest> {
    let mut hasher = blake3::Hasher::new();
    BUFFERS.with_borrow_mut(|buffer| {
        buffer.resize(BUFFER, 0);
        loop {
            match file.read(buffer) {
                Ok(0) => return Ok(hasher.finalize().into()),
                Ok(count) => {
                    hasher.update(&buffer[..count]);
                    each(&buffer[..count])?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("read", path),
            }
        }
    })
}
