//! The plan of one unit: data that `build-backend`, `plan`, `why` and a dry run all share.

use crate::realm::Realm;
use crate::step::Step;
use camino::Utf8PathBuf;
use model::backend::Inputs;
use model::flavor::Flavor;
use model::grpc::GrpcPin;
use model::name::Label;
use model::package::Package;
use model::source::Pin;
use model::unit::UnitId;
use std::collections::BTreeMap;

/// Whose code goes into every C++ package, linked or shipped, with what they depend on: the compiler, its libraries and
/// the C library. The names are the same in every supported release of Debian and Ubuntu.
pub const TOOLCHAIN: [&str; 3] = ["g++", "libc6-dev", "libgomp1"];

/// Something outside of the repository that reaches the output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// A program, known by its version line and, where no package of the distribution stands for it, by its content.
    Tool(String),
    /// A Debian package with all that it depends on, each known by its version.
    Package(String),
    /// A file outside of any package, known by its content.
    File {
        /// Its name in a key document.
        name: String,
        /// Where it is.
        path: Utf8PathBuf,
    },
    /// A file that counts where there is one, such as a configuration that a tool cannot be kept from reading.
    Configuration(Utf8PathBuf),
    /// A variable of the user's that counts where it is set, without what is secret in it.
    Variable(String),
    /// A formula of Homebrew with all that it depends on, each known by its version.
    Formula(String),
}

impl Fact {
    /// The name in a key document.
    pub fn name(&self) -> String {
        match self {
            Self::Tool(name) => name.clone(),
            Self::Package(name) => package_fact(name),
            Self::File { name, .. } => format!("file:{name}"),
            Self::Configuration(path) => format!("file:{path}"),
            Self::Variable(name) => format!("env:{name}"),
            Self::Formula(name) => formula_fact(name),
        }
    }

    /// Whether a machine is complete without it.
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Configuration(_) | Self::Variable(_))
    }
}

/// What key documents call the version of a Debian package.
pub fn package_fact(package: &str) -> String {
    format!("deb:{package}")
}

/// What key documents call the version of a formula of Homebrew.
pub fn formula_fact(formula: &str) -> String {
    format!("brew:{formula}")
}

/// A URL as key documents may hold it: without credentials, wherever they are.
pub fn bare_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
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
    /// What tests the build where its steps have run; no output comes of it, and it is in no key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<Step>,
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

#[cfg(test)]
mod tests {
    use super::bare_url;

    #[test]
    fn a_bare_url_holds_no_secret() {
        for (url, bare) in [
            ("https://user:pass@host:8443/simple/", "https://host:8443/simple/"),
            ("https://host/simple?token=secret", "https://host/simple"),
            ("https://pass@host#secret", "https://host"),
            ("name=https://a:b@c@host/x@y", "name=https://host/x@y"),
            ("/srv/wheels", "/srv/wheels"),
        ] {
            assert_eq!(bare_url(url), bare);
        }
    }
}
