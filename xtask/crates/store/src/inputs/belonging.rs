//! Which files of a directory count.

use std::error::Error;
use std::fmt;

/// Nobody could tell whether a file counts.
pub type Unknown = Box<dyn Error + Send + Sync>;

/// Tells the files that belong to a tree from those that only lie there, such as what a version control ignores.
pub trait Belonging: fmt::Debug + Send + Sync {
    /// Whether the file at a path from the root belongs to the tree, given that it is there.
    fn has(&self, path: &str) -> Result<bool, Unknown>;

    /// Whether any file below a directory may.
    fn reaches(&self, directory: &str) -> Result<bool, Unknown>;
}

/// All files do.
#[derive(Debug, Clone, Copy)]
pub struct All;

impl Belonging for All {
    fn has(&self, _: &str) -> Result<bool, Unknown> {
        Ok(true)
    }

    fn reaches(&self, _: &str) -> Result<bool, Unknown> {
        Ok(true)
    }
}
