//! Rule: manifests can be read, every published unit can be planned, and the files that they name are there.

use crate::{Found, Repository, Rule};
use camino::Utf8Path;
use model::backend::{Backend, LICENSE, Recipe};
use model::manifest::{BACKEND, SOURCES, Spot};
use model::python::{Python, Requirements};

pub(super) const RULE: Rule = Rule {
    name: "manifests",
    meaning: "manifests can be read, what they publish can be planned, and the files that they name exist",
    source: "docs/adding-a-backend.md",
    run,
};

fn run(repository: &Repository<'_>, found: &mut Found) {
    let Some(manifests) = repository.model() else { return };
    for backend in manifests.backends.values() {
        files_of(repository, backend, found);
    }
    for pin in manifests.pins.values() {
        for (index, patch) in pin.patches.iter().enumerate().filter(|(_, patch)| !repository.has(patch)) {
            let spot = repository
                .value(SOURCES.into(), &["sources", pin.name.as_str(), "patches", &index.to_string()]);
            found.add(SOURCES.into(), spot, format!("there is no file {patch}"), "add it, or mend its name");
        }
    }
    for rendered in repository.rendered() {
        if let Some(Err(error)) = &rendered.unit {
            let way: Vec<&str> = rendered.way.iter().map(String::as_str).collect();
            let message = format!("{} is published and cannot be planned: {error}", rendered.name);
            found.add(
                &rendered.file,
                repository.key(&rendered.file, &way),
                message,
                "mend it, or do not publish it",
            );
        }
    }
}

pub(super) fn is_input(backend: &Backend, path: &str) -> bool {
    let any = |globs: &[String]| globs.iter().any(|glob| fast_glob::glob_match(glob, path));
    any(&backend.inputs.include) && !any(&backend.inputs.exclude)
}

/// What is installed for all variants and for single ones, with the way there.
pub(super) fn places(python: &Python) -> impl Iterator<Item = (Vec<&str>, &Requirements)> {
    let rows = python.by_variant.iter();
    let rows = rows.map(|(name, row)| (vec!["python", "by-variant", name.as_str()], row));
    std::iter::once((vec!["python"], &python.common)).chain(rows)
}

fn files_of(repository: &Repository<'_>, backend: &Backend, found: &mut Found) {
    let file = backend.dir.join(BACKEND);
    let include = backend.inputs.include.iter().filter(|glob| *glob != LICENSE);
    for (index, glob) in include.enumerate() {
        let mut paths = repository.files.keys().chain(repository.others);
        if !paths.any(|path| fast_glob::glob_match(glob, path.as_str())) {
            let spot = repository.value(&file, &["inputs", "include", &index.to_string()]);
            found.add(&file, spot, format!("no file matches `{glob}`"), "mend the glob, or remove it");
        }
    }
    for (index, placed) in backend.place.iter().enumerate() {
        let is_in =
            |path: &&camino::Utf8PathBuf| path.starts_with(&*placed.at) && is_input(backend, path.as_str());
        if let Some(path) = repository.files.keys().chain(repository.others).find(is_in) {
            let spot = repository.value(&file, &["place", &index.to_string(), "at"]);
            let message = format!("`{}` is laid where {path} is, an input", placed.source);
            found.add(&file, spot, message, "take the file out of `inputs`, or place the source elsewhere");
        }
    }
    if let Recipe::Rust(rust) = &backend.recipe {
        for name in [".cargo/config.toml", ".cargo/config"] {
            let path = backend.dir.join(name);
            if repository.has(&path) && rust.config.as_deref() != Some(Utf8Path::new(name)) {
                let help = format!("say `config: {name}` below `rust`, or remove the file");
                found.add(&path, Spot::START, "cargo is run elsewhere, and reads this by name alone", help);
            }
        }
    }
    let Recipe::Python(python) = &backend.recipe else { return };
    let mut absent = |way: &[&str], path: &Utf8Path, is_there: bool| {
        if !is_there {
            let spot = repository.value(&file, way);
            found.add(&file, spot, format!("{path} is not there, or no input"), "add it, or mend its name");
        }
    };
    let entry = backend.dir.join(python.entry.as_str());
    absent(&["python", "entry"], &entry, repository.has(&entry) && is_input(backend, entry.as_str()));
    for (index, package) in python.packages.iter().enumerate() {
        let is_there = repository
            .files
            .keys()
            .any(|path| path.starts_with(&**package) && is_input(backend, path.as_str()));
        let is_placed = backend.place.iter().any(|placed| package.starts_with(&*placed.at));
        absent(&["python", "packages", &index.to_string()], package, is_there || is_placed);
    }
    for (way, requirements) in places(python) {
        for (key, index, path) in requirements.named() {
            let index = index.map(|index| index.to_string());
            let way: Vec<&str> = way.iter().copied().chain([key]).chain(index.as_deref()).collect();
            let path = backend.dir.join(path);
            absent(&way, &path, repository.has(&path));
        }
    }
}
