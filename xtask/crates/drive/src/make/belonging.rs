//! Inputs are what git would check out, or has not been told to ignore.

use checkout::{Files, GitError};
use store::{Belonging, Unknown};

/// The files of this checkout.
#[derive(Debug)]
pub struct Ours(pub Files);

impl Belonging for Ours {
    fn has(&self, path: &str) -> Result<bool, Unknown> {
        self.0.has(path).map_err(told)
    }

    fn reaches(&self, directory: &str) -> Result<bool, Unknown> {
        self.0.reaches(directory).map_err(told)
    }
}

fn told(error: &GitError) -> Unknown {
    error.to_string().into()
}
