//! `backend/<lang>/<name>/backend.yaml` as it is written.

use super::Table;
use crate::backend::Task;
use crate::flavor::Flavor;
use crate::platform::Platform;

/// One backend: what it is, what its build reads, and how it is built. Give exactly one of `cmake`, `go`, `python` and `rust`.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Backend", title = "backend.yaml")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawBackend {
    /// The name, equal to the last part of the directory.
    pub name: String,
    /// One sentence for `cargo xtask list`.
    pub description: String,
    /// SPDX expression of the backend's own code.
    pub license: String,
    /// What a smoke test asks of it.
    pub task: Task,
    /// Files that the build may read.
    pub inputs: RawInputs,
    /// Entries of `backend/sources.yaml` that the build may read.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Rows of `backend/variants.yaml` that it is published in, each with its platforms.
    pub variants: Table<Vec<Platform>>,
    /// Image suffixes of variants whose Linux images are not called by the rule, as in `cpu: -piper`.
    #[serde(default)]
    pub tag_suffixes: Table<String>,
    /// A C++ backend built by CMake.
    pub cmake: Option<RawCmake>,
    /// A pure Go backend.
    pub go: Option<RawGo>,
    /// A Python backend.
    pub python: Option<RawPython>,
    /// A Rust backend.
    pub rust: Option<RawRust>,
    /// What the package holds beside the built files.
    #[serde(default)]
    pub package: RawPackage,
}

/// Globs relative to the repository's root. In a git checkout, files that git ignores are no inputs.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Inputs")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawInputs {
    /// Matched files are inputs ...
    pub include: Vec<String>,
    /// ... unless they match one of these.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Files that are generated into the checkout: matched ones are inputs although git ignores them.
    #[serde(default)]
    pub generated: Vec<String>,
}

/// A C++ backend built by CMake.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Cmake")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawCmake {
    /// The source whose tree the project adds, if it adds one; one of the backend's `sources`.
    pub source: Option<String>,
    /// CMake variable that receives the path of the source's tree.
    pub source_variable: Option<String>,
    /// The target that yields the server.
    pub target: String,
    /// CMake options of every flavor.
    #[serde(default)]
    pub options: Table<String>,
    /// Flavors built when the user names none.
    pub default_flavors: Vec<Flavor>,
    /// Flavors of a published package.
    pub published_flavors: Vec<Flavor>,
}

/// A pure Go backend.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Go")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawGo {
    /// Package path inside the module, such as `.` or `./cmd/server`.
    pub package: String,
}

/// A Python backend.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Python")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawPython {
    /// The file that is started, relative to the backend's directory.
    pub entry: String,
    /// Requirement files in the order of installation, relative to the backend's directory.
    pub requirements: Vec<String>,
    /// A file that overrides what packages require, such as a framework that the code does without.
    pub overrides: Option<String>,
    /// A lock file with hashes; with it the requirements do not float.
    pub lock: Option<String>,
    /// Packages whose index does not say when their files were uploaded, so that they float within a bucket of time as
    /// well; `*` for all of them.
    #[serde(default)]
    pub undated: Vec<String>,
}

/// A Rust backend: a locked Cargo workspace of its own.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Rust")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawRust {
    /// The binary target that is started.
    pub binary: String,
    /// Cargo's configuration, relative to the backend's directory. Without it none is read, wherever it lies.
    pub config: Option<String>,
}

/// What the package holds beside the built files.
#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Package")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawPackage {
    /// Libraries that are loaded at run time by name, beyond what the binaries link.
    #[serde(default)]
    pub extra_libraries: Vec<String>,
    /// Environment that the launcher sets when unset; `{package}` stands for the package's directory.
    #[serde(default)]
    pub env: Table<String>,
    /// Debian packages of which files go into the package beyond what the family's own tools bring: their versions, and
    /// those of all that they depend on, are in the key.
    #[serde(default)]
    pub system_packages: Vec<String>,
}
