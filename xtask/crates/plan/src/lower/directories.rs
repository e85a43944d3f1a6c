//! Where a container build finds things: the same fixed directories in every build.

use model::arg::Place;

/// The directories of a container build, below one prefix; a test's prefix is a directory of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directories {
    prefix: String,
}

impl Directories {
    /// The same layout below `prefix`.
    pub fn below(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into() }
    }

    /// Where the declared inputs are mounted.
    pub fn inputs(&self) -> String {
        format!("{}/inputs", self.prefix)
    }

    /// Above all build directories.
    pub fn builds(&self) -> String {
        format!("{}/build", self.prefix)
    }

    /// The directory of a place.
    pub fn of(&self, place: &Place) -> String {
        let prefix = &self.prefix;
        match place {
            Place::Build(label) => format!("{prefix}/build/{label}"),
            Place::Source(pin) => format!("{prefix}/sources/{pin}"),
            Place::Out => format!("{prefix}/out"),
            Place::Cache(label) => format!("{prefix}/cache/{label}"),
            Place::Dep(label) => format!("{prefix}/deps/{label}"),
        }
    }
}
