//! The directories that a build in a container reads.

use camino::{Utf8Path, Utf8PathBuf};

/// Directories that a build reads, each with nothing else in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contexts {
    /// The templates, by their files' names.
    pub templates: Utf8PathBuf,
    /// The declared inputs, at their repository paths.
    pub inputs: Utf8PathBuf,
    /// A directory for each pin.
    pub sources: Utf8PathBuf,
    /// A directory for each pin that the builder is made of.
    pub pins: Utf8PathBuf,
    /// `install.sh`; of a unit also `build.sh`, `package.json` and the licence.
    pub steps: Utf8PathBuf,
    /// The program `pack`, and nothing else.
    pub packer: Utf8PathBuf,
}

impl Contexts {
    /// As they lie in a directory of their own.
    pub fn below(dir: &Utf8Path) -> Self {
        Self {
            templates: dir.join("docker"),
            inputs: dir.join("checkout/inputs"),
            sources: dir.join("sources"),
            pins: dir.join("pins"),
            steps: dir.join("steps"),
            packer: dir.join("packer"),
        }
    }
}
