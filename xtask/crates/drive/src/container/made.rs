//! What came of a container unit.

use crate::bake::Contexts;
use crate::make::{How, Pushed};
use camino::Utf8PathBuf;

/// What came of a container unit; its files are gone when this is dropped.
#[derive(Debug)]
pub struct Made {
    /// Where its files are.
    pub(super) contexts: Contexts,
    /// How it came about.
    pub how: How,
    /// What went wrong on the way without being an obstacle.
    pub warnings: Vec<String>,
    /// Its image, where it was pushed or found.
    pub image: Option<Pushed>,
}

impl Made {
    /// The package.
    pub fn package(&self) -> Utf8PathBuf {
        self.contexts.package()
    }
}
