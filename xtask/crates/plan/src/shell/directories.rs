//! Where scripts find things: the same fixed directories in every build.

use model::arg::{Arg, Place};

/// The directories of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    inputs: String,
    builds: String,
    sources: String,
    out: String,
    caches: String,
    deps: String,
}

impl Default for Directories {
    fn default() -> Self {
        Self::below("/xtask")
    }
}

impl Directories {
    /// Those of a unit's build below `prefix`; a test's is a directory of its own.
    pub fn below(prefix: &str) -> Self {
        let below = |name: &str| format!("{prefix}/{name}");
        Self {
            inputs: below("inputs"),
            builds: below("build"),
            sources: below("sources"),
            out: below("out"),
            caches: below("cache"),
            deps: below("deps"),
        }
    }

    /// Those of an installation that works below `work` and yields `out`, with the trees of pins in `sources`.
    pub fn of_installation(work: &str, sources: &str, out: &str) -> Self {
        Self { sources: sources.to_owned(), out: out.to_owned(), ..Self::below(work) }
    }

    /// Where the declared inputs are mounted.
    pub fn inputs(&self) -> &str {
        &self.inputs
    }

    /// Above all build directories.
    pub fn builds(&self) -> &str {
        &self.builds
    }

    /// The directory of a place.
    pub fn of(&self, place: &Place) -> String {
        match place {
            Place::Build(label) => format!("{}/{label}", self.builds),
            Place::Source(pin) => format!("{}/{pin}", self.sources),
            Place::Out => self.out.clone(),
            Place::Cache(label) => format!("{}/{label}", self.caches),
            Place::Dep(label) => format!("{}/{label}", self.deps),
        }
    }

    /// Text with its places filled in.
    pub fn text(&self, arg: &Arg) -> String {
        let text: Result<String, std::convert::Infallible> = arg.resolve(1, |place| Ok(self.of(place)));
        match text {
            Ok(text) => text,
        }
    }
}
