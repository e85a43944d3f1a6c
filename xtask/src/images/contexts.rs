//! Build contexts of one image on disk, removed when it is built.

use crate::session::Session;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

/// A directory of named contexts; nothing else is below.
#[derive(Debug)]
pub struct Contexts {
    dir: Utf8PathBuf,
}

impl Contexts {
    /// Beside those of other processes.
    pub fn new(session: &Session, name: &str) -> Result<Self> {
        let dir = session.scratch("images")?.join(format!("{name}.{}", std::process::id()));
        fs_err::create_dir_all(&dir)?;
        Ok(Self { dir })
    }

    /// A context with one file in it.
    pub fn file(&self, context: &str, name: &str, text: &str) -> Result<Utf8PathBuf> {
        let dir = self.dir.join(context);
        fs_err::create_dir_all(&dir)?;
        fs_err::write(dir.join(name), text)?;
        Ok(dir)
    }

    /// Above all contexts.
    pub fn dir(&self) -> &Utf8Path {
        &self.dir
    }
}

impl Drop for Contexts {
    fn drop(&mut self) {
        // A few small files: what cannot be removed does no harm.
        let _ = fs_err::remove_dir_all(&self.dir);
    }
}
