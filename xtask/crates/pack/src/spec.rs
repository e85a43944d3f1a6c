//! What goes into a package: plain data, made by a recipe.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use model::package::Processor;
use model::platform::Platform;

/// What goes into a package. Source paths are on this machine, `to` paths are relative to the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageSpec {
    /// The backend.
    pub name: String,
    /// The variant that was built.
    pub variant: String,
    /// What it runs on.
    pub platform: Platform,
    /// The first macOS that it must run on, as in `12.0`; for macOS only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_macos: Option<String>,
    /// Calls of the contract that it serves, beyond those that every backend does.
    #[serde(default)]
    pub calls: Vec<String>,
    /// The unit's key.
    pub key: String,
    /// The versions of the sources, by name.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
    /// The programs, the preferred one first.
    pub binaries: Vec<Binary>,
    /// Libraries that the programs open by file name; they go to `lib/`, where ggml looks for its backends.
    /// Paths that lead to one file become one file and links.
    #[serde(default)]
    pub libraries: Vec<Utf8PathBuf>,
    /// A directory whose files are such libraries: known before a build has put any there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_tree: Option<Utf8PathBuf>,
    /// A directory whose files programs open by name beside themselves: they go to the package's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_tree: Option<Utf8PathBuf>,
    /// The Debian package whose Vulkan drivers go along, with their manifests in `vulkan/icd.d/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulkan_drivers: Option<String>,
    /// Names of system libraries that something opens at run time, as in `libgomp.so.1`.
    #[serde(default)]
    pub extra_libraries: Vec<String>,
    /// Names of libraries that the host must bring, as in `libcuda.so.1`; a trailing `*` matches any rest.
    #[serde(default)]
    pub host_libraries: Vec<String>,
    /// Programs may be scripts, which a shell of the host runs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub host_shell: bool,
    /// Where libraries are looked for before the system's directories.
    #[serde(default)]
    pub library_dirs: Vec<Utf8PathBuf>,
    /// Files and whole trees, copied as they are; object files in them join the closure.
    #[serde(default)]
    pub data: Vec<Data>,
    /// What the launcher does to the environment, in order.
    #[serde(default)]
    pub env: Vec<EnvRule>,
    /// The licences of what was compiled in, and of libraries that no Debian package owns.
    pub licenses: Vec<License>,
    /// A directory of dependency files: what they name of this machine went into the binaries and trees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Utf8PathBuf>,
}

/// One program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binary {
    /// Its place in the package.
    pub to: Utf8PathBuf,
    /// Where it is now; none if `data` brings it, which may also be named again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Utf8PathBuf>,
    /// Start it only if this variable is set and not empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_env: Option<String>,
    /// Can the launcher choose it, or is it only there?
    #[serde(default = "yes")]
    pub start: bool,
    /// Arguments before the caller's; `{package}` stands for the package's path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
}

/// A file or a tree to copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Where it is now.
    pub from: Utf8PathBuf,
    /// Its place in the package.
    pub to: Utf8PathBuf,
}

/// One change of the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvRule {
    /// The variable.
    pub name: String,
    /// Its value; `{package}` stands for the package's path.
    pub value: String,
    /// How it applies.
    #[serde(default)]
    pub how: EnvHow,
    /// Apply only if this path exists: of the package, or an absolute one of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_exists: Option<Utf8PathBuf>,
    /// Apply only where the processor has these instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<Processor>,
}

/// How an [`EnvRule`] applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvHow {
    /// Replace what is there.
    #[default]
    Set,
    /// Only if the variable is unset.
    Default,
    /// Before what is there, joined with `:`.
    Prepend,
}

/// The licence of something that is in the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct License {
    /// What is licensed, as in `llama.cpp`.
    pub component: String,
    /// The text, on this machine.
    pub file: Utf8PathBuf,
    /// Names of libraries in `lib/` that it covers; a trailing `*` matches any rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<String>,
}

impl Binary {
    /// A program that is always a candidate.
    pub fn new(to: impl Into<Utf8PathBuf>, from: impl Into<Utf8PathBuf>) -> Self {
        Self { to: to.into(), from: Some(from.into()), if_env: None, start: true, args: Vec::new() }
    }
}

/// Does a pattern, a name or a prefix and `*`, match?
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

fn yes() -> bool {
    true
}
