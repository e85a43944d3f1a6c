//! Libraries that CMake builds for a program that is none of its own, and that opens them when it runs.

use crate::cmake_options::OptionTables;
use crate::text::path::PlainPath;
use std::collections::BTreeMap;

/// A CMake project beside a program's own code: configured once, or once a flavor, one package for all of them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Engine {
    /// The project's directory, from the repository's root; without it the backend's own.
    pub project: Option<PlainPath>,
    /// The target that yields the libraries; without one all are built.
    pub target: Option<String>,
    /// What it is configured with: once a flavor of these, or once, and then its libraries keep their names.
    pub options: OptionTables,
    /// Libraries by the variable that tells the program where they lie: files of the build directory, as Linux calls them.
    pub libraries: BTreeMap<String, PlainPath>,
    /// Globs on the stems of other libraries that these link or open; only where there is one configuration.
    pub beside: Vec<String>,
}
