//! The section `go`: its shape, and what no shape says.

use super::script::environment;
use super::{Go, Issues, PlainPath, Trail, filled, listed, variables};
use crate::build_type::BuildType;
use crate::engine::{Engine, Options};
use crate::flavor::Flavor;
use crate::text::table::{Table, map};
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

/// A CMake project beside a program's own code: configured once a flavor, one package for all of them.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Engine")]
struct EngineSection {
    /// The project's directory, from the repository's root, such as a placed source; without it the backend's own.
    project: Option<PlainPath>,
    /// The target that yields the libraries; without one all are built.
    target: Option<String>,
    /// CMake options of every configuration, with `${gpu-targets}` and the like for what the variant decides.
    #[serde(default, deserialize_with = "map")]
    options: BTreeMap<String, String>,
    /// Options that a build type adds.
    #[serde(default, deserialize_with = "map")]
    build_types: BTreeMap<BuildType, Table<String, String>>,
    /// What is configured, each with the options that it adds: any of `avx`, `avx2`, `avx512` and `fallback`. On other
    /// processors than amd64 `fallback` alone is.
    #[serde(deserialize_with = "map")]
    flavors: BTreeMap<Flavor, Table<String, String>>,
    /// Libraries by the variable that tells the program where they lie: files of the build directory, as Linux calls them.
    #[serde(deserialize_with = "map")]
    libraries: BTreeMap<String, PlainPath>,
}

pub(super) fn check(issues: &mut Issues, trail: Trail<'_>, section: Section) -> Go {
    let Section { package, stubs, cgo, engine } = section;
    let engine = engine.map(|section| self::engine(issues, trail.key("engine"), section));
    Go { package, stubs, cgo, engine }
}

fn engine(issues: &mut Issues, trail: Trail<'_>, section: EngineSection) -> Engine {
    let EngineSection { project, target, options, build_types, flavors, libraries } = section;
    if let Some(target) = &target {
        filled(issues, trail.key("target"), target);
    }
    let (named, libs): (Vec<_>, Vec<_>) = (flavors.keys().copied().collect(), libraries.keys().collect());
    listed(issues, trail.key("flavors"), &named, "name at least `fallback`, as in `fallback: {}`");
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
    Engine {
        project,
        target,
        options: environment(issues, trail.key("options"), options),
        build_types: each(issues, trail.key("build-types"), build_types, BuildType::as_str),
        flavors: each(issues, trail.key("flavors"), flavors, Flavor::as_str),
        libraries,
    }
}

fn each<K: Ord + Copy>(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: BTreeMap<K, Table<String, String>>,
    name: impl Fn(K) -> &'static str,
) -> BTreeMap<K, Options> {
    let rows = table.into_iter();
    rows.map(|(key, options)| {
        let options = options.0.into_iter().collect();
        (key, environment(issues, trail.key(name(key)), options))
    })
    .collect()
}
