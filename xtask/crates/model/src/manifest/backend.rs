//! `backend.yaml`: raw to checked.

use super::Tables;
use super::issue::Issues;
use super::raw::{RawBackend, RawCmake, RawGo, RawInputs, RawPackage, RawPython, RawRust, Table};
use super::trail::Trail;
use super::words::{distinct, filled, glob, inside, listed, parse, parse_key};
use crate::backend::{
    Backend, Cmake, CmakeSource, Go, Inputs, LICENSE, PackageRules, Python, Recipe, Rust, VariantUse,
};
use crate::flavor::Flavor;
use crate::image_names::{self, TagSuffix};
use crate::name::{BackendName, PinName, VariantName};
use crate::platform::Platform;
use crate::text::suggest;
use camino::Utf8Path;
use std::collections::BTreeMap;

/// Checks one backend; `None` when there are issues.
pub(super) fn check(
    dir: &Utf8Path,
    raw: RawBackend,
    tables: Tables<'_>,
    issues: &mut Issues,
) -> Option<Backend> {
    let before = issues.0.len();
    let root = Trail::root();
    let name = parse::<BackendName>(issues, root.key("name"), &raw.name);
    if name.is_some() && dir.file_name() != Some(&raw.name) {
        let directory = dir.file_name().unwrap_or_default();
        issues.value(
            root.key("name"),
            format!("the name is `{}`, but the directory is `{directory}`", raw.name),
            Some(format!("write `name: {directory}`, or rename the directory")),
        );
    }
    filled(issues, root.key("description"), &raw.description);
    filled(issues, root.key("license"), &raw.license);
    let inputs = root.key("inputs");
    let include = inputs.key("include");
    listed(
        issues,
        include,
        &raw.inputs.include,
        "name what the build reads, as in `backend/cpp/llama-cpp/**`",
    );
    globs(issues, include, &raw.inputs.include);
    globs(issues, inputs.key("exclude"), &raw.inputs.exclude);
    globs(issues, inputs.key("generated"), &raw.inputs.generated);
    let sources = sources(issues, root.key("sources"), &raw.sources, tables);
    let variants = variants(issues, root.key("variants"), raw.variants, tables);
    let tag_suffixes = tag_suffixes(issues, root.key("tag-suffixes"), raw.tag_suffixes, &variants);
    let package = package(issues, root.key("package"), raw.package);
    let sections = [
        ("cmake", raw.cmake.is_some()),
        ("go", raw.go.is_some()),
        ("python", raw.python.is_some()),
        ("rust", raw.rust.is_some()),
    ];
    let mut given = sections.into_iter().filter_map(|(name, given)| given.then_some(name));
    let (first, second) = (given.next(), given.next());
    if first.is_none() {
        let help = "add a section `cmake`, `go`, `python` or `rust`";
        issues.key(root.key("name"), "nothing says how this backend is built", Some(help.to_owned()));
    }
    if let Some(second) = second {
        let help = "keep one of `cmake`, `go`, `python` and `rust`";
        issues.key(root.key(second), "a second way to build this backend", Some(help.to_owned()));
        return None;
    }
    let recipe = None
        .or_else(|| self::cmake(issues, root.key("cmake"), raw.cmake?, &raw.sources).map(Recipe::Cmake))
        .or_else(|| self::go(issues, root.key("go"), raw.go?).map(Recipe::Go))
        .or_else(|| self::python(issues, root.key("python"), &raw.python?).map(Recipe::Python))
        .or_else(|| self::rust(issues, root.key("rust"), raw.rust?).map(Recipe::Rust));
    if issues.0.len() > before {
        return None;
    }
    let backend = Backend {
        name: name?,
        description: raw.description,
        dir: dir.to_owned(),
        license: raw.license,
        inputs: self::inputs(raw.inputs),
        sources,
        variants,
        tag_suffixes,
        task: raw.task,
        recipe: recipe?,
        package,
    };
    if let Some(variants) = tables.variants
        && let Err(collision) = image_names::groups(&backend, variants)
    {
        let second = collision.second.to_string();
        issues.key(root.key("variants").key(&second), collision.to_string(), None);
        return None;
    }
    Some(backend)
}

fn tag_suffixes(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: Table<String>,
    variants: &[VariantUse],
) -> BTreeMap<VariantName, TagSuffix> {
    let mut suffixes = BTreeMap::new();
    for (text, suffix) in table.0 {
        let row = trail.key(&text);
        let known = variants.iter().map(|used| &used.variant).find(|variant| variant.as_str() == text);
        if known.is_none() {
            let hint = suggest::hint(&text, variants.iter().map(|used| used.variant.as_str()));
            let help = format!("name one of this backend's `variants`{hint}");
            issues.key(row, format!("`{text}` is not among this backend's variants"), Some(help));
        }
        if let Some(suffix) = parse::<TagSuffix>(issues, row, &suffix)
            && let Some(variant) = known
        {
            suffixes.insert(variant.clone(), suffix);
        }
    }
    suffixes
}

fn globs(issues: &mut Issues, trail: Trail<'_>, texts: &[String]) {
    distinct(issues, trail, texts);
    for (index, text) in texts.iter().enumerate() {
        if !text.trim().is_empty() {
            glob(issues, trail.index(index), text);
        }
    }
}

fn sources(issues: &mut Issues, trail: Trail<'_>, texts: &[String], tables: Tables<'_>) -> Vec<PinName> {
    distinct(issues, trail, texts);
    let mut sources = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let item = trail.index(index);
        let Some(pin) = parse::<PinName>(issues, item, text) else { continue };
        if let Some(pins) = tables.pins
            && !pins.contains_key(&pin)
        {
            let hint = suggest::hint(text, pins.keys().map(PinName::as_str));
            let help = format!("backend/sources.yaml has no such entry{hint}");
            issues.value(item, format!("unknown source `{text}`"), Some(help));
        }
        sources.push(pin);
    }
    sources
}

fn variants(
    issues: &mut Issues,
    trail: Trail<'_>,
    table: Table<Vec<Platform>>,
    tables: Tables<'_>,
) -> Vec<VariantUse> {
    listed(issues, trail, &table.0, "name at least one row of backend/variants.yaml");
    let mut uses = Vec::new();
    for (text, platforms) in table.0 {
        let row = trail.key(&text);
        listed(issues, row, &platforms, "name at least one platform, as in [linux/amd64]");
        let Some(variant) = parse_key::<VariantName>(issues, row, &text) else { continue };
        if let Some(variants) = tables.variants {
            if let Some(known) = variants.get(&variant) {
                subset(issues, row, &platforms, &text, &known.platforms);
            } else {
                let hint = suggest::hint(&text, variants.keys().map(VariantName::as_str));
                let help = format!("backend/variants.yaml has no such row{hint}");
                issues.key(row, format!("unknown variant `{text}`"), Some(help));
            }
        }
        uses.push(VariantUse { variant, platforms });
    }
    uses
}

fn subset(issues: &mut Issues, trail: Trail<'_>, platforms: &[Platform], name: &str, known: &[Platform]) {
    for (index, platform) in platforms.iter().enumerate() {
        if !known.contains(platform) {
            let known: Vec<&str> = known.iter().map(|platform| platform.as_str()).collect();
            let message = format!("variant `{name}` does not exist on {platform}");
            issues.value(trail.index(index), message, Some(format!("it exists on {}", known.join(", "))));
        } else if platforms[..index].contains(platform) {
            issues.value(
                trail.index(index),
                format!("{platform} is listed twice"),
                Some("remove one".to_owned()),
            );
        }
    }
}

fn cmake(issues: &mut Issues, trail: Trail<'_>, raw: RawCmake, sources: &[String]) -> Option<Cmake> {
    let source = match (&raw.source, raw.source_variable) {
        (Some(source), Some(variable)) => Some(cmake_source(issues, trail, source, variable, sources)?),
        (None, None) => None,
        (Some(_), None) => {
            let help = "name the CMake variable that receives its path: add `source-variable`";
            issues.key(
                trail.key("source"),
                "nothing says where the source's path goes",
                Some(help.to_owned()),
            );
            return None;
        }
        (None, Some(_)) => {
            let help = "name one of the backend's `sources`: add `source`";
            let trail = trail.key("source-variable");
            issues.key(trail, "nothing says which source's path it receives", Some(help.to_owned()));
            return None;
        }
    };
    filled(issues, trail.key("target"), &raw.target);
    flavors(issues, trail.key("default-flavors"), &raw.default_flavors);
    flavors(issues, trail.key("published-flavors"), &raw.published_flavors);
    Some(Cmake {
        source,
        target: raw.target,
        options: map(raw.options),
        default_flavors: raw.default_flavors,
        published_flavors: raw.published_flavors,
    })
}

fn inputs(raw: RawInputs) -> Inputs {
    let RawInputs { mut include, exclude, generated } = raw;
    if !include.iter().any(|glob| glob == LICENSE) {
        include.push(LICENSE.to_owned());
    }
    Inputs { include, exclude, generated }
}

fn cmake_source(
    issues: &mut Issues,
    trail: Trail<'_>,
    source: &str,
    variable: String,
    sources: &[String],
) -> Option<CmakeSource> {
    let pin = parse::<PinName>(issues, trail.key("source"), source);
    if pin.is_some() && !sources.iter().any(|listed| listed == source) {
        let help = format!("add `{source}` to `sources`");
        let message = format!("`{source}` is not among this backend's sources");
        issues.value(trail.key("source"), message, Some(help));
    }
    filled(issues, trail.key("source-variable"), &variable);
    Some(CmakeSource { pin: pin?, variable })
}

fn flavors(issues: &mut Issues, trail: Trail<'_>, flavors: &[Flavor]) {
    listed(issues, trail, flavors, "name at least one flavor");
    for (index, flavor) in flavors.iter().enumerate() {
        if flavors[..index].contains(flavor) {
            issues.value(
                trail.index(index),
                format!("{flavor} is listed twice"),
                Some("remove one".to_owned()),
            );
        }
    }
}

fn go(issues: &mut Issues, trail: Trail<'_>, raw: RawGo) -> Option<Go> {
    let package = trail.key("package");
    let rest = raw.package.strip_prefix("./").unwrap_or(&raw.package);
    if raw.package != "." {
        inside(issues, package, rest)?;
    }
    Some(Go { package: raw.package })
}

fn python(issues: &mut Issues, trail: Trail<'_>, raw: &RawPython) -> Option<Python> {
    let entry = inside(issues, trail.key("entry"), &raw.entry);
    let list = trail.key("requirements");
    listed(issues, list, &raw.requirements, "name at least one requirements file");
    distinct(issues, list, &raw.requirements);
    let requirements = raw
        .requirements
        .iter()
        .enumerate()
        .filter_map(|(index, text)| inside(issues, list.index(index), text))
        .collect();
    let lock = raw.lock.as_deref().and_then(|text| inside(issues, trail.key("lock"), text));
    let overrides = raw.overrides.as_deref().and_then(|text| inside(issues, trail.key("overrides"), text));
    distinct(issues, trail.key("undated"), &raw.undated);
    let undated = raw.undated.clone();
    Some(Python { entry: entry?, requirements, overrides, lock, undated })
}

fn rust(issues: &mut Issues, trail: Trail<'_>, raw: RawRust) -> Option<Rust> {
    // A file name, as Cargo has it.
    inside(issues, trail.key("binary"), &raw.binary)?;
    let config = raw.config.as_deref().and_then(|text| inside(issues, trail.key("config"), text));
    Some(Rust { binary: raw.binary, config })
}

fn package(issues: &mut Issues, trail: Trail<'_>, raw: RawPackage) -> PackageRules {
    distinct(issues, trail.key("extra-libraries"), &raw.extra_libraries);
    distinct(issues, trail.key("system-packages"), &raw.system_packages);
    for (name, _) in &raw.env.0 {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let message = format!("`{name}` is not a variable name");
            issues.key(trail.key("env").key(name), message, Some("use A-Z, 0-9 and `_`".to_owned()));
        }
    }
    PackageRules {
        extra_libraries: raw.extra_libraries,
        env: map(raw.env),
        system_packages: raw.system_packages,
    }
}

fn map(table: Table<String>) -> BTreeMap<String, String> {
    table.0.into_iter().collect()
}
