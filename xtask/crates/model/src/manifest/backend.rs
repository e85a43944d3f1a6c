//! `backend/<lang>/<name>/backend.yaml`: its shape, and what no shape says.

mod go;
mod options;
mod python;
mod script;
mod staged;

use super::Tables;
use super::issue::Issues;
use super::trail::Trail;
use super::words::{distinct, filled, globs, listed, plain, texts};
use crate::backend::{
    Backend, Cmake, CmakeSource, Gallery, Go, Inputs, LICENSE, PackageRules, Recipe, Rust, Task, VariantUse,
};
use crate::flavor::Flavor;
use crate::image_names::{self, TagSuffix};
use crate::name::{BackendName, PinName, VariantName};
use crate::platform::Platform;
use crate::script::{Argv, Network, Prepare, Script, Word};
use crate::staged::{BuildPackages, Placed};
use crate::text::path::{PathError, PlainPath};
use crate::text::suggest;
use crate::text::table::{Table, map};
use camino::Utf8Path;
use std::collections::BTreeMap;

/// One backend: what it is, what its build reads, and how it is built. Give exactly one of `cmake`, `go`, `python`, `rust` and
/// `script`.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a mapping")]
#[schemars(rename = "Backend", title = "backend.yaml")]
pub(super) struct Written {
    /// The name, equal to the last part of the directory.
    name: BackendName,
    /// One sentence for `cargo xtask list`.
    description: String,
    /// SPDX expression of the backend's own code.
    license: String,
    /// What a smoke test asks of it beyond its health, where it is one of these.
    task: Option<Task>,
    /// Files that the build may read.
    inputs: Inputs,
    /// Entries of `backend/sources.yaml` that the build may read.
    #[serde(default)]
    sources: Vec<PinName>,
    /// Trees of `sources` that are laid into the staged tree before the first step.
    #[serde(default)]
    place: Vec<Placed>,
    /// What the build needs installed beyond its family's own.
    #[serde(default)]
    #[schemars(extend("default" = {}))]
    build_packages: BuildPackages,
    /// Rows of `backend/variants.yaml` that it is published in, each with its platforms.
    variants: Table<VariantName, Vec<Platform>>,
    /// Image suffixes of variants whose Linux images are not called by the rule, as in `cpu: -piper`.
    #[serde(default, deserialize_with = "map")]
    #[schemars(with = "Table<VariantName, TagSuffix>")]
    tag_suffixes: BTreeMap<VariantName, TagSuffix>,
    /// A C++ backend built by CMake.
    cmake: Option<CmakeSection>,
    /// A Go backend.
    go: Option<go::Section>,
    /// A Python backend.
    python: Option<python::Section>,
    /// A Rust backend.
    rust: Option<Rust>,
    /// A backend that its own Makefile or script builds.
    script: Option<ScriptSection>,
    /// What the package holds beside the built files.
    #[serde(default)]
    #[schemars(extend("default" = {}))]
    package: PackageRules,
    /// What a gallery shows of it, beside its name, description and licence.
    #[serde(default)]
    #[schemars(extend("default" = {}))]
    gallery: Gallery,
}

/// A C++ backend built by CMake.
#[derive(serde::Deserialize, schemars::JsonSchema)]
// serde cannot refuse beside what it flattens: the schema does.
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Cmake", deny_unknown_fields)]
struct CmakeSection {
    /// The source whose tree the project adds, if it adds one; one of the backend's `sources`.
    source: Option<PinName>,
    /// CMake variable that receives the path of the source's tree.
    source_variable: Option<String>,
    /// The target that yields the server.
    target: String,
    /// The server's file in the build directory; without it `bin/` and the target.
    output: Option<PlainPath>,
    /// What CMake is given.
    #[serde(flatten)]
    options: options::Section,
    /// Flavors built when the user names none. Without flavors there is one configuration, called as its target.
    #[serde(default)]
    default_flavors: Vec<Flavor>,
    /// Flavors of a published package.
    #[serde(default)]
    published_flavors: Vec<Flavor>,
}

/// A backend that its own Makefile or script builds, behind a fence.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Script")]
struct ScriptSection {
    /// Steps of ours that run before the fence, with a network.
    #[serde(default)]
    prepare: Vec<Prepare>,
    /// Variables of the steps, with `${build-type}` and the like for what the variant decides.
    #[serde(default, deserialize_with = "map")]
    env: BTreeMap<String, String>,
    /// Commands as lists of words, run in the root of the staged tree; no shell reads them.
    steps: Vec<Vec<Word>>,
    /// The directory of the staged tree that becomes the package.
    output: PlainPath,
    /// The file in `output` that starts the server.
    start: PlainPath,
    /// What the steps reach; with `host` the unit floats.
    #[serde(default)]
    network: Network,
    /// Commands that test what was built, for `cargo xtask test-backend`.
    #[serde(default)]
    test: Vec<Vec<Word>>,
}

/// Checks one backend; `None` when there are issues.
pub(super) fn check(
    dir: &Utf8Path,
    file: Written,
    tables: Tables<'_>,
    issues: &mut Issues,
) -> Option<Backend> {
    let root = Trail::root();
    let directory = dir.file_name().unwrap_or_default();
    if directory != file.name.as_str() {
        let message = format!("the name is `{}`, but the directory is `{directory}`", file.name);
        let help = format!("write `name: {directory}`, or rename the directory");
        issues.value(root.key("name"), message, help);
    }
    filled(issues, root.key("description"), &file.description);
    filled(issues, root.key("license"), &file.license);
    inputs(issues, root.key("inputs"), &file.inputs);
    sources(issues, root.key("sources"), &file.sources, tables);
    staged::place(issues, root.key("place"), &file.place, &file.sources);
    staged::build_packages(issues, root.key("build-packages"), &file.build_packages);
    let variants = variants(issues, root.key("variants"), file.variants, tables);
    among(issues, root.key("tag-suffixes"), file.tag_suffixes.keys(), &variants);
    package(issues, root.key("package"), &file.package);
    gallery(issues, root.key("gallery"), &file.gallery);
    let cmake = file.cmake.map(|section| cmake(issues, root.key("cmake"), section, &file.sources, &variants));
    let go = file.go.map(|section| go::check(issues, root.key("go"), section, &variants));
    let python = file.python.map(|section| python::check(issues, root.key("python"), section, &variants));
    let script = file.script.map(|section| script::check(issues, root.key("script"), dir, section));
    let recipes = [
        ("cmake", cmake.map(Recipe::Cmake)),
        ("go", go.map(Recipe::Go)),
        ("python", python.map(Recipe::Python)),
        ("rust", file.rust.map(Recipe::Rust)),
        ("script", script.flatten().map(Recipe::Script)),
    ];
    let mut given = recipes.into_iter().filter_map(|(section, recipe)| Some((section, recipe?)));
    let Some((section, recipe)) = given.next() else {
        if !issues.is_empty() {
            return None;
        }
        let help = "add a section `cmake`, `go`, `python`, `rust` or `script`".to_owned();
        issues.key(root.key("name"), "nothing says how this backend is built", help);
        return None;
    };
    if let Some((second, _)) = given.next() {
        let help = "keep one of `cmake`, `go`, `python`, `rust` and `script`".to_owned();
        issues.key(root.key(second), "a second way to build this backend", help);
    }
    self::recipe(issues, root.key(section), &recipe);
    // What is wrong with a name elsewhere is told there.
    if issues.is_empty() {
        staged::used(issues, root.key("sources"), &file.sources, &file.place, &recipe);
    }
    let mut backend = Backend {
        name: file.name,
        description: file.description,
        dir: dir.to_owned(),
        license: file.license,
        inputs: file.inputs,
        sources: file.sources,
        place: file.place,
        build_packages: file.build_packages,
        variants,
        tag_suffixes: file.tag_suffixes,
        task: file.task,
        recipe,
        package: file.package,
        gallery: file.gallery,
    };
    if !backend.inputs.include.iter().any(|glob| glob == LICENSE) {
        backend.inputs.include.push(LICENSE.to_owned());
    }
    if let (true, Some(variants)) = (issues.is_empty(), tables.variants)
        && let Err(collision) = image_names::groups(&backend, variants)
    {
        let second = collision.second.to_string();
        issues.key(root.key("variants").key(&second), collision.to_string(), None);
    }
    issues.is_empty().then_some(backend)
}

fn inputs(issues: &mut Issues, trail: Trail<'_>, inputs: &Inputs) {
    let include = trail.key("include");
    let why = "name what the build reads, as in `backend/cpp/llama-cpp/**`";
    listed(issues, include, &inputs.include, why);
    globs(issues, include, &inputs.include);
    globs(issues, trail.key("exclude"), &inputs.exclude);
    globs(issues, trail.key("generated"), &inputs.generated);
}

/// The keys of a table are variants of this backend.
fn among<'n>(
    issues: &mut Issues,
    trail: Trail<'_>,
    names: impl Iterator<Item = &'n VariantName>,
    variants: &[VariantUse],
) {
    for name in names.filter(|name| variants.iter().all(|used| used.variant != **name)) {
        let hint = suggest::hint(name.as_str(), variants.iter().map(|used| used.variant.as_str()));
        let help = format!("name one of this backend's `variants`{hint}");
        issues.key(trail.key(name.as_str()), format!("`{name}` is not among this backend's variants"), help);
    }
}

fn sources(issues: &mut Issues, trail: Trail<'_>, sources: &[PinName], tables: Tables<'_>) {
    distinct(issues, trail, sources);
    let Some(pins) = tables.pins else { return };
    for (index, pin) in sources.iter().enumerate().filter(|(_, pin)| !pins.contains_key(*pin)) {
        let hint = suggest::hint(pin.as_str(), pins.keys().map(PinName::as_str));
        let help = format!("backend/sources.yaml has no such entry{hint}");
        issues.value(trail.index(index), format!("unknown source `{pin}`"), help);
    }
}

fn variants(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: Table<VariantName, Vec<Platform>>,
    tables: Tables<'_>,
) -> Vec<VariantUse> {
    listed(issues, trail, &table.0, "name at least one row of backend/variants.yaml");
    for (name, platforms) in &table.0 {
        let row = trail.key(name.as_str());
        listed(issues, row, platforms, "name at least one platform, as in [linux/amd64]");
        distinct(issues, row, platforms);
        let Some(variants) = tables.variants else { continue };
        let Some(known) = variants.get(name).map(|known| &known.platforms) else {
            let hint = suggest::hint(name.as_str(), variants.keys().map(VariantName::as_str));
            let help = format!("backend/variants.yaml has no such row{hint}");
            issues.key(row, format!("unknown variant `{name}`"), help);
            continue;
        };
        for (index, platform) in platforms.iter().enumerate().filter(|(_, one)| !known.contains(one)) {
            let known: Vec<&str> = known.iter().map(|platform| platform.as_str()).collect();
            let message = format!("variant `{name}` does not exist on {platform}");
            issues.value(row.index(index), message, format!("it exists on {}", known.join(", ")));
        }
    }
    table.0.into_iter().map(|(variant, platforms)| VariantUse { variant, platforms }).collect()
}

fn cmake(
    issues: &mut Issues,
    trail: Trail<'_>,
    section: CmakeSection,
    sources: &[PinName],
    variants: &[VariantUse],
) -> Cmake {
    let CmakeSection { source, source_variable, target, output, options, .. } = section;
    let (default_flavors, published_flavors) = (section.default_flavors, section.published_flavors);
    let options = options.check(issues, trail, variants);
    let source = match (source, source_variable) {
        (Some(pin), Some(variable)) => {
            if !sources.contains(&pin) {
                let help = format!("add `{pin}` to `sources`");
                let message = format!("`{pin}` is not among this backend's sources");
                issues.value(trail.key("source"), message, help);
            }
            filled(issues, trail.key("source-variable"), &variable);
            Some(CmakeSource { pin, variable })
        }
        (Some(_), None) => {
            let help = "name the CMake variable that receives its path: add `source-variable`".to_owned();
            issues.key(trail.key("source"), "nothing says where the source's path goes", help);
            None
        }
        (None, Some(_)) => {
            let help = "name one of the backend's `sources`: add `source`".to_owned();
            let trail = trail.key("source-variable");
            issues.key(trail, "nothing says which source's path it receives", help);
            None
        }
        (None, None) => None,
    };
    Cmake { source, target, output, options, default_flavors, published_flavors }
}

fn recipe(issues: &mut Issues, trail: Trail<'_>, recipe: &Recipe) {
    match recipe {
        Recipe::Cmake(cmake) => {
            filled(issues, trail.key("target"), &cmake.target);
            let flavors = [
                ("default-flavors", &cmake.default_flavors),
                ("published-flavors", &cmake.published_flavors),
            ];
            let none = flavors.iter().all(|(_, list)| list.is_empty());
            for (key, list) in flavors.into_iter().filter(|_| !none) {
                listed(issues, trail.key(key), list, "name at least one flavor");
                distinct(issues, trail.key(key), list);
            }
        }
        Recipe::Go(go) if go.package == "." => {}
        Recipe::Go(go) => {
            let rest = go.package.strip_prefix("./").unwrap_or(&go.package);
            inside(issues, trail.key("package"), rest);
        }
        // A file name, as Cargo has it.
        Recipe::Rust(rust) => inside(issues, trail.key("binary"), &rust.binary),
        Recipe::Python(_) | Recipe::Script(_) => {}
    }
}

/// A text that is part of a path as well.
fn inside(issues: &mut Issues, trail: Trail<'_>, text: &str) {
    if let Err(error) = text.parse::<PlainPath>() {
        issues.value(trail, error.to_string(), PathError::HELP.to_owned());
    }
}

fn gallery(issues: &mut Issues, trail: Trail<'_>, gallery: &Gallery) {
    let urls = gallery.icon.iter().map(|icon| (trail.key("icon"), icon));
    for (trail, url) in urls {
        web(issues, trail, url);
    }
    for (index, url) in gallery.urls.iter().enumerate() {
        web(issues, trail.key("urls").index(index), url);
    }
    texts(issues, trail.key("tags"), &gallery.tags);
}

/// A page that browsers open.
fn web(issues: &mut Issues, trail: Trail<'_>, url: &str) {
    if !["https://", "http://"].iter().any(|scheme| url.starts_with(scheme))
        || url.contains(char::is_whitespace)
    {
        issues.value(trail, format!("`{url}` is no URL"), "begin it with https://".to_owned());
    }
}

fn package(issues: &mut Issues, trail: Trail<'_>, package: &PackageRules) {
    for (key, list) in
        [("extra-libraries", &package.extra_libraries), ("system-packages", &package.system_packages)]
    {
        for (index, name) in list.iter().enumerate() {
            // A library is found in the loader's places, not below them; a package with a `-` at its end is one to remove.
            plain(issues, trail.key(key).index(index), name, "_+");
            if key == "system-packages" && name.ends_with('-') {
                let help = "remove the `-`".to_owned();
                issues.value(trail.key(key).index(index), format!("apt would remove `{name}`"), help);
            }
        }
        distinct(issues, trail.key(key), list);
    }
    variables(issues, trail.key("env"), package.env.keys());
    for (path, env) in &package.env_if_exists {
        variables(issues, trail.key("env-if-exists").key(path.as_str()), env.keys());
    }
}

/// Names of variables.
fn variables<'a>(issues: &mut Issues, trail: Trail<'_>, names: impl Iterator<Item = &'a String>) {
    for name in names {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let message = format!("`{name}` is not a variable name");
            issues.key(trail.key(name), message, "use A-Z, 0-9 and `_`".to_owned());
        }
    }
}
