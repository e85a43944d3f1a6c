//! The plan of one unit: data that `build-backend`, `plan`, `why` and a dry run all share.

use crate::backend::Inputs;
use crate::deps::grpc::GrpcPin;
use crate::flavor::Flavor;
use crate::name::Label;
use crate::package::Package;
use crate::realm::Realm;
use crate::source::Pin;
use crate::step::Step;
use crate::unit::UnitId;
use camino::Utf8PathBuf;
use std::collections::BTreeMap;

/// The compiler's and the C library's own packages: their code goes into every C++ package, linked or shipped. The
/// names are the same in every supported release of Debian and Ubuntu.
pub const RUNTIME: [&str; 5] = ["libc6", "libc6-dev", "libgcc-s1", "libgomp1", "libstdc++6"];

/// A tool or system package whose version reaches the output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// A program on PATH, known by its version line.
    Tool(String),
    /// A Debian package, known by its version.
    Package(String),
    /// A file outside of any package, known by its content.
    File {
        /// Its name in a key document.
        name: String,
        /// Where it is.
        path: Utf8PathBuf,
    },
}

impl Fact {
    /// The name in a key document.
    pub fn name(&self) -> String {
        match self {
            Self::Tool(name) => name.clone(),
            Self::Package(name) => format!("deb:{name}"),
            Self::File { name, .. } => format!("file:{name}"),
        }
    }
}

/// A unit that another one is compiled against: its output is an install prefix, keyed and cached like a package.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Dependency {
    /// The name in `${dep:…}` and in key documents.
    pub label: Label,
    /// Which one it is.
    pub grpc: GrpcPin,
    /// How it is built.
    pub plan: Plan,
}

/// The plan of one unit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Plan {
    /// Which unit.
    pub unit: UnitId,
    /// CMake configurations in the package; empty outside C++.
    pub flavors: Vec<Flavor>,
    /// Where the steps run.
    pub realm: Realm,
    /// Why there.
    pub reason: String,
    /// Repository files that the steps may read.
    pub inputs: Inputs,
    /// External sources that the steps may read.
    pub pins: Vec<Pin>,
    /// Tools and packages whose versions reach the output.
    pub facts: Vec<Fact>,
    /// What the build runs, in order.
    pub steps: Vec<Step>,
    /// Disk space that the build directories are known to need, in MiB; not part of the key.
    pub disk_mib: u64,
    /// What goes into the package; none for a dependency, whose output is an install prefix and kept as it is.
    pub package: Option<Package>,
    /// Units that must be there before the first step.
    pub deps: Vec<Dependency>,
    /// Bucket of floating requirements, such as `2026-W47`; none when everything is locked.
    pub refresh: Option<String>,
    /// Processor facts, for the `native` flavor alone.
    pub cpu: Option<String>,
    /// The user's `--set` values that applied.
    pub settings: BTreeMap<String, String>,
}
