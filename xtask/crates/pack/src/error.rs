//! Why a package could not be made.

use camino::Utf8PathBuf;
use thiserror::Error;

use crate::Violation;

/// Why a package could not be made or read.
#[derive(Debug, Error)]
pub enum PackError {
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The specification asks for something that cannot be.
    #[error("package specification: {0}")]
    Spec(String),
    /// Two sources want one place.
    #[error("both {first} and {second} would become {path} in the package; rename one of them")]
    Collision {
        /// The place in the package.
        path: Utf8PathBuf,
        /// Who came first.
        first: Utf8PathBuf,
        /// Who came second.
        second: Utf8PathBuf,
    },
    /// Two programs would load different files for one library name.
    #[error(
        "{name} is {first} for {first_by} but {second} for {second_by}; a package holds one: \
         put the right one first in `library_dirs`"
    )]
    Conflict {
        /// The library's name.
        name: String,
        /// The first file.
        first: Utf8PathBuf,
        /// Who loads it.
        first_by: Utf8PathBuf,
        /// The other file.
        second: Utf8PathBuf,
        /// Who loads that.
        second_by: Utf8PathBuf,
    },
    /// An object file that cannot be edited.
    #[error("cannot relocate {path}: {error}")]
    Relocate {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        error: crate::image::ImageError,
    },
    /// A file of the package that should hold what this crate wrote does not.
    #[error("{path}: {reason}")]
    Malformed {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The finished package fails its checks.
    #[error("the package has {} fault(s):\n{}", .0.len(), crate::check::list(.0))]
    Violations(Vec<Violation>),
}
