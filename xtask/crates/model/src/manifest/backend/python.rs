//! The section `python`: its shape, and what no shape says.

use super::{Argv, Issues, Trail, VariantUse, among, distinct, listed, script, texts, variables};
use crate::name::VariantName;
use crate::python::{
    BACKEND, IndexStrategy, IndexUrl, ModulePath, Prerelease, Python, PythonVersion, Requirement,
    Requirements,
};
use crate::text::path::PlainPath;
use crate::text::table::map;
use std::collections::BTreeMap;

/// A Python backend.
#[derive(serde::Deserialize, schemars::JsonSchema)]
// serde cannot refuse beside what it flattens: the schema does.
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Python", deny_unknown_fields)]
pub(super) struct Section {
    /// The module that is started: a file of the backend's directory or below it.
    entry: ModulePath,
    /// Directories of the repository whose files lie beside the backend's own, each under its last name.
    #[serde(default)]
    packages: Vec<PlainPath>,
    /// What is installed in variants that have nothing of their own.
    #[serde(flatten)]
    common: Row,
    /// What variants have otherwise: keys that are left out are those above.
    #[serde(default, deserialize_with = "map")]
    #[schemars(with = "crate::text::table::Table<VariantName, Row>")]
    by_variant: BTreeMap<VariantName, Row>,
    /// Commands after the requirements, run in the directory that these are installed in; no network reaches them. `python`
    /// is the package's own, and `${backend}` the backend's directory.
    #[serde(default)]
    post_install: Vec<Argv>,
}

/// What is installed, and where it is looked for.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "PythonRequirements", deny_unknown_fields)]
struct Row {
    /// The version of Python, such as `3.12`. Where the distribution's is another, the pin that is called as in
    /// `python-3.12-linux-amd64` is taken.
    version: Option<PythonVersion>,
    /// Requirement files, relative to the backend's directory; all of them are resolved together.
    #[serde(default)]
    requirements: Vec<PlainPath>,
    /// A file that overrides what packages require, such as a framework that the code does without.
    overrides: Option<PlainPath>,
    /// A lock file with hashes; with it the requirements do not float.
    lock: Option<PlainPath>,
    /// Packages whose index does not say when their files were uploaded, so that they float within a bucket of time as
    /// well; `*` for all of them.
    #[serde(default)]
    undated: Vec<String>,
    /// The index that is asked instead of the machine's own.
    index: Option<IndexUrl>,
    /// Indexes that are asked before that one. What requirement files say of them is not known when a lock is installed.
    #[serde(default)]
    extra_indexes: Vec<IndexUrl>,
    /// Which index counts where several have a package.
    index_strategy: Option<IndexStrategy>,
    /// Whether versions before a release count.
    prerelease: Option<Prerelease>,
    /// Requirements beside those of the files, as lines of one, resolved together with them.
    #[serde(default)]
    with: Vec<Requirement>,
    /// Requirements that are installed after all others and without what they ask for themselves.
    #[serde(default)]
    without_dependencies: Vec<Requirement>,
    /// Whether requirements may name git repositories: only a lock says which commits.
    git: Option<bool>,
    /// Whether packages without a wheel are built.
    build: Option<bool>,
    /// Variables of what builds them, such as `CMAKE_ARGS`.
    #[serde(default, deserialize_with = "map")]
    build_env: BTreeMap<String, String>,
    /// Whether they are built apart from what is installed, as is the rule. Without, files are installed one after the other,
    /// and packages are built with what is installed before them.
    isolation: Option<bool>,
}

impl Row {
    /// With what is left out as it is in another.
    fn over(self, common: &Requirements) -> Requirements {
        Requirements {
            version: self.version.or_else(|| common.version.clone()),
            files: or(self.requirements, &common.files),
            overrides: self.overrides.or_else(|| common.overrides.clone()),
            // A lock is of one set of files.
            lock: self.lock,
            undated: or(self.undated, &common.undated),
            index: self.index.or_else(|| common.index.clone()),
            extra_indexes: or(self.extra_indexes, &common.extra_indexes),
            index_strategy: self.index_strategy.or(common.index_strategy),
            prerelease: self.prerelease.or(common.prerelease),
            with: or(self.with, &common.with),
            without_dependencies: or(self.without_dependencies, &common.without_dependencies),
            git: self.git.unwrap_or(common.git),
            build: self.build.unwrap_or(common.build),
            build_env: if self.build_env.is_empty() { common.build_env.clone() } else { self.build_env },
            isolation: self.isolation.unwrap_or(common.isolation),
        }
    }
}

fn or<T: Clone>(own: Vec<T>, common: &[T]) -> Vec<T> {
    if own.is_empty() { common.to_vec() } else { own }
}

pub(super) fn check(
    issues: &mut Issues,
    trail: Trail<'_>,
    section: Section,
    variants: &[VariantUse],
) -> Python {
    let common = section.common.over(&Requirements::default());
    lists(issues, trail, &common.files, &common.extra_indexes, &common.undated);
    let rows = trail.key("by-variant");
    among(issues, rows, section.by_variant.keys(), variants);
    let mut by_variant = BTreeMap::new();
    for (name, row) in section.by_variant {
        let here = rows.key(name.as_str());
        lists(issues, here, &row.requirements, &row.extra_indexes, &row.undated);
        by_variant.insert(name, row.over(&common));
    }
    let python = Python {
        entry: section.entry,
        packages: section.packages,
        post_install: section.post_install,
        common,
        by_variant,
    };
    for (way, lock) in locks(&python) {
        let is_known = |name: &str| name == "pylock.toml" || name.starts_with("pylock.");
        if lock.extension() == Some("toml") && !lock.file_name().is_some_and(is_known) {
            let row = way.map(|name| rows.key(name));
            let here = row.as_ref().unwrap_or(&trail);
            let message = format!("`{lock}` is no name of a lock");
            issues.value(here.key("lock"), message, "call it `pylock.NAME.toml`".to_owned());
        }
    }
    let none = |used: &&VariantUse| python.requirements(&used.variant).files.is_empty();
    if variants.is_empty() || variants.iter().any(|used| none(&used)) {
        listed(
            issues,
            trail.key("requirements"),
            &python.common.files,
            "name at least one requirements file",
        );
    }
    let rows = python.by_variant.iter().map(|(name, row)| (rows.key(name.as_str()), row));
    for (here, row) in std::iter::once((trail, &python.common)).chain(rows) {
        consistent(issues, here, row);
    }
    packages(issues, trail.key("packages"), &python.packages);
    for (index, command) in python.post_install.iter().enumerate() {
        let here = trail.key("post-install");
        script::command(issues, here.index(index), command);
        for (at, word) in command.iter().enumerate() {
            if word.as_str().replace(BACKEND, "").contains("${") {
                let message = format!("`{word}` has a placeholder that is not known");
                issues.value(here.index(index).index(at), message, format!("known here: {BACKEND}"));
            }
        }
    }
    python
}

/// What one key says of another.
fn consistent(issues: &mut Issues, trail: Trail<'_>, row: &Requirements) {
    if !row.isolation && !row.build {
        let message = "nothing is built".to_owned();
        issues.value(trail.key("isolation"), message, "say `build: true` as well".to_owned());
    }
    if row.git && !row.build {
        let message = "what a git repository holds must be built".to_owned();
        issues.value(trail.key("git"), message, "say `build: true` as well".to_owned());
    }
    variables(issues, trail.key("build-env"), row.build_env.keys());
    if !row.build_env.is_empty() && !row.build {
        issues.key(
            trail.key("build-env"),
            "nothing is built".to_owned(),
            "say `build: true` as well".to_owned(),
        );
    }
    for (key, lines) in [("with", &row.with), ("without-dependencies", &row.without_dependencies)] {
        if let Some(index) = lines.iter().position(|line| line.is_git() && !row.git) {
            let message = format!("`{}` is in a git repository", lines[index]);
            issues.value(trail.key(key).index(index), message, "say `git: true` as well".to_owned());
        }
        distinct(issues, trail.key(key), lines);
    }
    if let Some(why) = row.lock.as_ref().and(row.beyond_one_resolution()) {
        let message = format!("no lock says it all: {why}");
        issues.value(trail.key("lock"), message, "leave the lock out, or the key beside it".to_owned());
    }
}

/// The locks, with the variant that each is of.
fn locks(python: &Python) -> impl Iterator<Item = (Option<&str>, &PlainPath)> {
    let rows = python.by_variant.iter().map(|(name, row)| (Some(name.as_str()), row));
    let all = std::iter::once((None, &python.common)).chain(rows);
    all.filter_map(|(name, row)| Some((name, row.lock.as_ref()?)))
}

fn lists(
    issues: &mut Issues,
    trail: Trail<'_>,
    files: &[PlainPath],
    indexes: &[IndexUrl],
    undated: &[String],
) {
    distinct(issues, trail.key("requirements"), files);
    distinct(issues, trail.key("extra-indexes"), indexes);
    texts(issues, trail.key("undated"), undated);
}

/// Each gets a directory of its own.
fn packages(issues: &mut Issues, trail: Trail<'_>, packages: &[PlainPath]) {
    for (index, path) in packages.iter().enumerate() {
        if packages[..index].iter().any(|other| other.file_name() == path.file_name()) {
            let message = format!("two directories would be `{}`", path.file_name().unwrap_or_default());
            issues.value(trail.index(index), message, "leave one of them out".to_owned());
        }
    }
}
