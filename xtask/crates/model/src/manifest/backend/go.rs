//! The section `go`: its shape, and what no shape says.

use super::{Go, Issues, PlainPath, Trail, VariantUse, filled, listed, options, texts, variables};
use crate::engine::Engine;
use crate::flavor::Flavor;
use crate::text::table::map;
use std::collections::BTreeMap;

/// Those that one library can be compiled for.
const FLAVORS: [Flavor; 4] = [Flavor::Avx, Flavor::Avx2, Flavor::Avx512, Flavor::Fallback];

/// A Go backend: a module of its own, or a package of the root's.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Go")]
pub(super) struct Section {
    /// Package path from the backend's directory, such as `.` or `./cmd/server`.
    package: String,
    /// Where the module has the contract's messages and services, from the repository's root: they are generated there.
    /// Without it `go generate` makes them.
    stubs: Option<PlainPath>,
    /// Whether C is compiled into it.
    #[serde(default)]
    cgo: bool,
    /// Libraries that CMake builds and that it opens when it runs.
    engine: Option<EngineSection>,
}

/// A CMake project beside a program's own code: configured once, or once a flavor, one package for all of them.
#[derive(serde::Deserialize, schemars::JsonSchema)]
// serde cannot refuse beside what it flattens: the schema does.
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Engine", deny_unknown_fields)]
struct EngineSection {
    /// The project's directory, from the repository's root, such as a placed source; without it the backend's own.
    project: Option<PlainPath>,
    /// The target that yields the libraries; without one all are built.
    target: Option<String>,
    /// What CMake is given. It is configured once a flavor of these: any of `avx`, `avx2`, `avx512` and `fallback`, which
    /// alone is for other processors than amd64. Without any there is one configuration, whose libraries keep their names.
    #[serde(flatten)]
    options: options::Section,
    /// Libraries by the variable that tells the program where they lie: files of the build directory, as Linux calls them.
    #[serde(deserialize_with = "map")]
    libraries: BTreeMap<String, PlainPath>,
    /// Other libraries of the build that these link or open, as globs without the end: `libggml*`. Only without flavors.
    #[serde(default)]
    beside: Vec<String>,
}

pub(super) fn check(issues: &mut Issues, trail: Trail<'_>, section: Section, variants: &[VariantUse]) -> Go {
    let Section { package, stubs, cgo, engine } = section;
    let engine = engine.map(|section| self::engine(issues, trail.key("engine"), section, variants));
    Go { package, stubs, cgo, engine }
}

fn engine(issues: &mut Issues, trail: Trail<'_>, section: EngineSection, variants: &[VariantUse]) -> Engine {
    let EngineSection { project, target, options, libraries, beside } = section;
    let options = options.check(issues, trail, variants);
    if let Some(target) = &target {
        filled(issues, trail.key("target"), target);
    }
    let (named, libs): (Vec<_>, Vec<_>) =
        (options.by_flavor.keys().copied().collect(), libraries.keys().collect());
    listed(issues, trail.key("libraries"), &libs, "name the library, as in `ENGINE_LIBRARY: libengine.so`");
    variables(issues, trail.key("libraries"), libraries.keys());
    for flavor in named.iter().filter(|flavor| !FLAVORS.contains(flavor)) {
        let help = format!("use any of {}", FLAVORS.map(|known| format!("`{known}`")).join(", "));
        let flavors = trail.key("flavors");
        issues.key(flavors.key(flavor.as_str()), format!("no library is compiled for `{flavor}`"), help);
    }
    if !named.is_empty() && !named.contains(&Flavor::Fallback) {
        let help = "add `fallback`: the launcher takes it where no other fits".to_owned();
        issues.key(trail.key("flavors"), "nothing runs on every processor", help);
    }
    texts(issues, trail.key("beside"), &beside);
    if !named.is_empty() && !beside.is_empty() {
        let help = "leave it out, or configure once, without `flavors`".to_owned();
        issues.key(trail.key("beside"), "the libraries of two flavors would have one name", help);
    }
    Engine { project, target, options, libraries, beside }
}
