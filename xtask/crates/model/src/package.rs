//! What goes into a package, and how it starts. Handed to crate `pack`; part of the key.

use crate::arg::Arg;
use crate::macos::DeploymentTarget;
use crate::text::path::HostPath;
use std::collections::BTreeMap;

named_enum! {
    /// Instructions beyond those that every processor of an architecture has.
    Processor, "a processor" {
        /// AVX.
        Avx = "avx",
        /// AVX2, FMA, F16C and BMI2.
        Avx2 = "avx2",
        /// AVX-512 on top of those.
        Avx512 = "avx512",
    }
}

/// A file of the package that programs find through a variable; the first that fits is told, unless the variable is set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Told {
    /// The variable.
    pub variable: String,
    /// The file, in the package.
    pub path: String,
    /// Where it can be used; everywhere without one.
    pub processor: Option<Processor>,
}

/// One program of a package that the launcher can start.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Program {
    /// Path inside the package.
    pub path: String,
    /// Arguments that come before the user's, `{package}` standing for the package's directory.
    pub args: Vec<String>,
    /// Chosen ahead of the order when this variable is set and not empty.
    pub when_env: Option<String>,
}

impl Program {
    /// One that is started as it is.
    pub fn plain(path: impl Into<String>) -> Self {
        Self { path: path.into(), args: Vec::new(), when_env: None }
    }
}

/// What goes into a package.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Package {
    /// Calls of the contract that it serves, beyond those that every backend does.
    pub calls: Vec<String>,
    /// Programs in the order of preference: the first that exists is started.
    pub programs: Vec<Program>,
    /// Programs that are packed but never started by the launcher, such as an RPC worker.
    pub helpers: Vec<String>,
    /// Libraries that programs open by file name, collected in this directory; they go to `lib/`.
    pub libraries: Option<Arg>,
    /// Trees copied as they are: from a place, to a path in the package.
    pub data: Vec<(Arg, String)>,
    /// Directories searched for shared libraries before the system's.
    pub library_dirs: Vec<Arg>,
    /// The Debian package whose Vulkan drivers go along, with their manifests.
    pub vulkan_drivers: Option<String>,
    /// Libraries loaded at run time by name.
    pub extra_libraries: Vec<String>,
    /// Environment set by the launcher when unset.
    pub env: BTreeMap<String, String>,
    /// The same where a path is there on the machine that it runs on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env_if_exists: BTreeMap<HostPath, BTreeMap<String, String>>,
    /// Files that programs find through variables, in the order of preference.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
    /// Names of libraries that the unit itself built, covered by the licences below; a trailing `*` matches any rest.
    pub own_libraries: Vec<String>,
    /// Component → licence file.
    pub licenses: Vec<(String, Arg)>,
    /// A directory of licences by component that the build itself gathered.
    pub license_tree: Option<Arg>,
    /// A directory of dependency files, as linkers write them: which of the system's files went into the unit's own.
    pub links: Option<Arg>,
    /// Libraries that programs open by file name and look for beside themselves, collected in this directory; they go to
    /// the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugins: Option<Arg>,
    /// The oldest macOS that everything in it must run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_macos: Option<DeploymentTarget>,
    /// Programs may be scripts, which a shell of the host runs.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub host_shell: bool,
}
