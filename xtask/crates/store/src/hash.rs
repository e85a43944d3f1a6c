//! Digests of files: small ones through a buffer that each thread keeps, large ones mapped and shared out.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::digest::Digest;
use crate::error::{Context, Result};

/// From here on a file is worth splitting between threads.
const LARGE: u64 = 8 << 20;
const BUFFER: usize = 256 << 10;

thread_local! {
    static BUFFERS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Digests a file of about `size` bytes.
pub(crate) fn file(path: &Path, size: u64) -> Result<Digest> {
    let mut hasher = blake3::Hasher::new();
    if size >= LARGE {
        hasher.update_mmap_rayon(path).context("read", path)?;
        return Ok(hasher.finalize().into());
    }
    let mut file = File::open(path).context("open", path)?;
    BUFFERS.with_borrow_mut(|buffer| {
        buffer.resize(BUFFER, 0);
        loop {
            match file.read(buffer) {
                Ok(0) => return Ok(hasher.finalize().into()),
                Ok(count) => hasher.update(&buffer[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => &mut hasher,
                Err(error) => return Err(error).context("read", path),
            };
        }
    })
}
