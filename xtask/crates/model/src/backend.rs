//! Backends: the checked form of every `backend/<lang>/<name>/backend.yaml`.

use crate::cmake_options::OptionTables;
use crate::engine::Engine;
use crate::flavor::Flavor;
use crate::image_names::TagSuffix;
use crate::name::{BackendName, PinName, VariantName};
use crate::platform::Platform;
use crate::python::Python;
use crate::script::{Language, Network, Script};
use crate::staged::{BuildPackages, Placed};
use crate::text::path::{HostPath, PlainPath};
use crate::text::table::map;
use camino::Utf8PathBuf;
use std::collections::BTreeMap;

/// The repository's own licence, an input of every backend: it goes into every package.
pub const LICENSE: &str = "LICENSE";

/// Globs relative to the repository's root. In a git checkout, files that git ignores are no inputs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
pub struct Inputs {
    /// Matched files are inputs ...
    pub include: Vec<String>,
    /// ... unless they match one of these.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Files that are generated into the checkout: matched ones are inputs although git ignores them.
    #[serde(default)]
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

impl Task {
    /// Calls of the contract that such a backend serves, beyond those that every backend does.
    pub fn calls(self) -> &'static [&'static str] {
        match self {
            Self::Generate => &["Predict", "PredictStream", "TokenizeString"],
            Self::Embed => &["Embedding"],
            Self::Store => &["StoresDelete", "StoresFind", "StoresGet", "StoresSet"],
        }
    }
}

/// A C++ backend built by CMake.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Cmake {
    /// The tree that the project adds, if it adds one.
    pub source: Option<CmakeSource>,
    /// The target that yields the server.
    pub target: String,
    /// The server's file in the build directory; without it `bin/` and the target.
    pub output: Option<PlainPath>,
    /// What it is configured with.
    pub options: OptionTables,
    /// Flavors built when the user names none, on a laptop; none, here and below, is one configuration without a name.
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

/// A Go backend: a module of its own, or a package of the root's.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Go {
    /// Package path from the backend's directory, such as `.` or `./cmd/server`.
    pub package: String,
    /// Where the module has the contract's messages and services, from the repository's root: they are generated there.
    /// Without it `go generate` makes them.
    pub stubs: Option<PlainPath>,
    /// Whether C is compiled into it.
    pub cgo: bool,
    /// Libraries that it opens.
    pub engine: Option<Engine>,
}

/// A Rust backend: a locked Cargo workspace of its own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
pub struct Rust {
    /// The binary target that is started.
    pub binary: String,
    /// Cargo's configuration, relative to the backend's directory. Without it none is read, wherever it lies.
    pub config: Option<PlainPath>,
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
    /// A Makefile or script of the backend's own.
    Script(Script),
}

impl Recipe {
    /// What it is written in.
    pub fn language(&self) -> Language {
        match self {
            Self::Cmake(_) => Language::Cpp,
            Self::Go(_) => Language::Go,
            Self::Python(_) => Language::Python,
            Self::Rust(_) => Language::Rust,
            Self::Script(script) => script.language,
        }
    }

    /// Whether a build in a variant finds what no input names, so that its key holds a bucket of time.
    pub fn floats_in(&self, variant: &VariantName) -> bool {
        match self {
            Self::Python(python) => python.requirements(variant).lock.is_none(),
            _ => self.floats(),
        }
    }

    /// Whether that is so in any variant.
    pub fn floats(&self) -> bool {
        match self {
            Self::Python(python) => python.all().any(|requirements| requirements.lock.is_none()),
            Self::Script(script) => script.network == Network::Host,
            Self::Cmake(_) | Self::Go(_) | Self::Rust(_) => false,
        }
    }

    /// The key of its section in a manifest.
    pub fn section(&self) -> &'static str {
        match self {
            Self::Cmake(_) => "cmake",
            Self::Go(_) => "go",
            Self::Python(_) => "python",
            Self::Rust(_) => "rust",
            Self::Script(_) => "script",
        }
    }
}

/// What the package holds beside the built files.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
#[schemars(rename = "Package")]
pub struct PackageRules {
    /// Libraries that are loaded at run time by name, such as `libgomp.so.1`, beyond what the binaries link.
    #[serde(default)]
    pub extra_libraries: Vec<String>,
    /// Environment that the launcher sets when unset; `{package}` stands for the package's directory.
    #[serde(default, deserialize_with = "map")]
    pub env: BTreeMap<String, String>,
    /// The same where a path is there on the machine that it runs on, by that path.
    #[serde(default, deserialize_with = "map")]
    pub env_if_exists: BTreeMap<HostPath, BTreeMap<String, String>>,
    /// Debian packages of which files go into the package beyond what the family's own tools bring: their versions, and
    /// those of all that they depend on, are in the key.
    #[serde(default)]
    pub system_packages: Vec<String>,
}

/// What a gallery shows of a backend beside its name, description and licence.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
pub struct Gallery {
    /// A picture, as a URL.
    pub icon: Option<String>,
    /// Where to read more, as URLs.
    #[serde(default)]
    pub urls: Vec<String>,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
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
    /// Those that are laid into the staged tree.
    pub place: Vec<Placed>,
    /// What the build needs installed beyond its family's own.
    pub build_packages: BuildPackages,
    /// Variants that it is published in; never empty.
    pub variants: Vec<VariantUse>,
    /// Suffixes of variants' Linux images that are not called by the rule.
    pub tag_suffixes: BTreeMap<VariantName, TagSuffix>,
    /// What a smoke test asks of it; nothing but its health where it is none of these.
    pub task: Option<Task>,
    /// How it is built.
    pub recipe: Recipe,
    /// What the package holds beside the built files.
    pub package: PackageRules,
    /// What a gallery shows of it.
    pub gallery: Gallery,
}
