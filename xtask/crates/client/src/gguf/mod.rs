//! The tiny model: a random-weight GGUF file that every llama.cpp build loads in milliseconds, and one beside it that lets
//! it see and hear.

mod format;
mod projector;
mod rng;
mod tiny;

use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The seed of the model that `run` makes when it is given none.
pub const DEFAULT_SEED: u64 = 0;

/// Why the tiny model could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the tiny model {path}: {error}; free some space there or give another path")]
pub struct WriteError {
    path: PathBuf,
    error: std::io::Error,
}

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tiny {
    /// A model of text.
    Model,
    /// What makes that model's tokens of images and sounds.
    Projector,
}

impl Tiny {
    fn file(self) -> format::File {
        match self {
            Self::Model => tiny::model(),
            Self::Projector => projector::model(),
        }
    }
}

/// Writes a tiny file to `path`: the same bytes for the same seed, on every machine.
///
/// The file appears whole or not at all.
pub fn write_tiny(path: &Path, tiny: Tiny, seed: u64) -> Result<(), WriteError> {
    let fail = |error| WriteError { path: path.to_path_buf(), error };
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    // The mode that a plain new file has, so that a backend under another user can read it.
    let mode = std::fs::Permissions::from_mode(0o666);
    let file = tempfile::Builder::new().prefix(".tiny-").permissions(mode).tempfile_in(dir).map_err(fail)?;
    let mut out = BufWriter::new(file);
    tiny.file().write(&mut out, seed).and_then(|()| out.flush()).map_err(fail)?;
    let file = out.into_inner().map_err(|e| fail(e.into_error()))?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// Streams a tiny file's bytes into `out`.
pub fn write_tiny_to(out: &mut impl Write, tiny: Tiny, seed: u64) -> std::io::Result<()> {
    tiny.file().write(out, seed)
}
