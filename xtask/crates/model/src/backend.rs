//! Backends: the checked form of every `backend/<lang>/<name>/backend.yaml`.

use crate::flavor::Flavor;
use crate::image_names::TagSuffix;
use crate::name::{BackendName, PinName, VariantName};
use crate::platform::Platform;
use camino::Utf8PathBuf;
use std::collections::BTreeMap;

/// The repository's own licence, an input of every backend: it goes into every package.
pub const LICENSE: &str = "LICENSE";

/// The files that a build may read, as globs relative to the repository's root. In a git checkout, those that git would
/// check out or has not been told to ignore.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Inputs {
    /// Matched files are inputs …
    pub include: Vec<String>,
    /// … unless they match one of these.
    pub exclude: Vec<String>,
    /// Matched files are inputs although git ignores them.
    pub generated: Vec<String>,
}

/// A variant that a backend is published in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct VariantUse {
    /// Row of `backend/variants.yaml`.
    pub variant: VariantName,
    /// Platforms, a subset of the variant's; never empty.
    pub platforms: Vec<Platform>,
}

/// What a smoke test can ask of a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Text from a prompt.
    Generate,
    /// Vectors from text.
    Embed,
    /// Vectors stored and found.
    Store,
}

/// A C++ backend built by CMake.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Cmake {
    /// The tree that the project adds, if it adds one.
    pub source: Option<CmakeSource>,
    /// The target that yields the server binary; its file is at this path in the build directory.
    pub target: String,
    /// Options of every flavor.
    pub options: BTreeMap<String, String>,
    /// Flavors built when the user names none, on a laptop.
    pub default_flavors: Vec<Flavor>,
    /// Flavors of a published package, used with `--push` and in CI.
    pub published_flavors: Vec<Flavor>,
}

/// The tree of a pin, in a CMake project.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CmakeSource {
    /// The pin.
    pub pin: PinName,
    /// CMake variable that receives the path of its tree.
    pub variable: String,
}

/// A Go backend, pure Go.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Go {
    /// Package path inside the module, such as `.`.
    pub package: String,
}

/// A Python backend.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Python {
    /// The file that is started, relative to the backend's directory.
    pub entry: Utf8PathBuf,
    /// Requirement files in the order of installation, relative to the backend's directory.
    pub requirements: Vec<Utf8PathBuf>,
    /// A file that overrides what packages require, relative to the backend's directory.
    pub overrides: Option<Utf8PathBuf>,
    /// A lock file with hashes; with it the requirements do not float.
    pub lock: Option<Utf8PathBuf>,
    /// Packages whose index does not say when their files were uploaded; `*` for all of them.
    pub undated: Vec<String>,
}

/// A Rust backend.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Rust {
    /// The binary that is started.
    pub binary: String,
    /// Cargo's configuration, relative to the backend's directory.
    pub config: Option<Utf8PathBuf>,
}

/// How a backend is built.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipe {
    /// C++ by CMake.
    Cmake(Cmake),
    /// Go.
    Go(Go),
    /// Python.
    Python(Python),
    /// Rust.
    Rust(Rust),
}

/// What the package holds beside the built files.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct PackageRules {
    /// Libraries that are loaded at run time by name, such as `libgomp.so.1`, beyond what the binaries link.
    pub extra_libraries: Vec<String>,
    /// Environment set by the launcher when unset; `{package}` stands for the package's directory.
    pub env: BTreeMap<String, String>,
    /// Debian packages of which files go into the package, beyond those of the family's own tools.
    pub system_packages: Vec<String>,
}

/// One backend.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Backend {
    /// Its name, the last part of its directory.
    pub name: BackendName,
    /// One sentence for `list`.
    pub description: String,
    /// Its directory, relative to the repository's root.
    pub dir: Utf8PathBuf,
    /// SPDX expression of the backend's own code.
    pub license: String,
    /// Files that the build may read.
    pub inputs: Inputs,
    /// Pins that the build may read.
    pub sources: Vec<PinName>,
    /// Variants that it is published in; never empty.
    pub variants: Vec<VariantUse>,
    /// Suffixes of variants' Linux images that are not called by the rule.
    pub tag_suffixes: BTreeMap<VariantName, TagSuffix>,
    /// What a smoke test asks of it.
    pub task: Task,
    /// How it is built.
    pub recipe: Recipe,
    /// What the package holds beside the built files.
    pub package: PackageRules,
}
