//! What floating requirements come to: how to ask for it without a build, and what differs from last time.

use camino::Utf8PathBuf;
use model::arg::Arg;
use model::backend::{Backend, Recipe};
use model::host::Distro;
use model::name::VariantName;
use model::platform::{Arch, Os, Platform};
use model::python::{PythonVersion, Requirement, Requirements};
use model::script::Language;
use model::time::refresh::begin;
use model::variant::Variant;
use std::collections::BTreeMap;

/// How the requirements of a unit are resolved on a machine that need not be able to build it.
///
/// The build asks the interpreter that it packages; the same interpreter is described here instead. Both lead to the same
/// lock, byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Resolution {
    python: String,
    platform: String,
    /// From the root, as everything else here.
    overrides: Option<Utf8PathBuf>,
    requirements: Vec<Utf8PathBuf>,
    /// How the time is bounded that they are of.
    bounds: Vec<Arg>,
    /// Whether packages without a wheel are built.
    build: bool,
    /// Where they are looked for.
    places: Vec<String>,
    /// Those that stand in no file, a line each.
    with: String,
}

/// Options of uv that say where requirements are looked for, and what counts there.
pub(crate) fn places(requirements: &Requirements) -> Vec<String> {
    let mut args = Vec::new();
    let mut add = |option: &str, value: &str| args.extend([option.to_owned(), value.to_owned()]);
    let Requirements { index, extra_indexes, index_strategy, prerelease, .. } = requirements;
    if let Some(index) = index {
        add("--default-index", index.as_str());
    }
    for index in extra_indexes {
        add("--index", index.as_str());
    }
    if let Some(strategy) = index_strategy {
        add("--index-strategy", strategy.as_str());
    }
    if let Some(policy) = prerelease {
        add("--prerelease", policy.as_str());
    }
    args
}

/// Options of uv by which requirements that float come to the same whenever in a bucket of time they are resolved: nothing
/// counts that was uploaded since `begin`, when the bucket began.
///
/// Key documents hold the bucket itself.
pub(crate) fn bounds(begin: Option<&str>, undated: &[String]) -> Vec<Arg> {
    let all = undated.iter().any(|package| package == "*");
    let Some(begin) = begin.filter(|_| !all) else { return Vec::new() };
    let mut args = vec![Arg::text("--exclude-newer"), Arg::decided("refresh", begin)];
    for package in undated {
        args.extend([Arg::text("--exclude-newer-package"), Arg::text(format!("{package}=false"))]);
    }
    args
}

/// Requirements as the lines of a file.
pub(crate) fn lines(requirements: &[Requirement]) -> String {
    requirements.iter().flat_map(|one| [one.as_str(), "\n"]).collect()
}

/// More differences than this are only counted.
const TOLD: usize = 5;

impl Resolution {
    /// Of a backend's requirements for a variant in a bucket of time, in a container of this distribution; none where
    /// nothing floats.
    pub fn of(
        backend: &Backend,
        variant: &VariantName,
        distro: Distro,
        platform: Platform,
        bucket: Option<&str>,
    ) -> Option<Self> {
        let Recipe::Python(python) = &backend.recipe else { return None };
        let python = python.requirements(variant);
        if python.lock.is_some() || python.beyond_one_resolution().is_some() || platform.os != Os::Linux {
            return None;
        }
        let (own, libc) = interpreter(distro);
        let wanted = python.version.as_ref().filter(|wanted| !wanted.has(own));
        let arch = match platform.arch {
            Arch::Amd64 => "x86_64",
            Arch::Arm64 => "aarch64",
        };
        Some(Self {
            python: wanted.map_or(own, PythonVersion::as_str).to_owned(),
            platform: format!("{arch}-manylinux_{libc}"),
            overrides: python.overrides.as_ref().map(|file| backend.dir.join(file)),
            requirements: python.files.iter().map(|file| backend.dir.join(file)).collect(),
            bounds: bounds(bucket.and_then(begin).as_deref(), &python.undated),
            build: python.build,
            places: places(python),
            with: lines(&python.with),
        })
    }

    /// What uv is asked, in the root: it prints the lock.
    pub fn asked(&self) -> Asked {
        let mut args: Vec<String> = ["pip", "compile", "-q", "--python-version", &self.python]
            .into_iter()
            .chain(["--python-platform", &self.platform])
            .chain((!self.build).then_some("--no-build"))
            .chain(["--no-header", "--no-annotate", "--generate-hashes"])
            .map(str::to_owned)
            .chain(self.places.iter().cloned())
            .chain(self.bounds.iter().filter_map(Arg::literal))
            .collect();
        if let Some(file) = &self.overrides {
            args.extend(["--overrides".to_owned(), file.to_string()]);
        }
        args.extend(self.requirements.iter().map(ToString::to_string));
        Asked::new(args, self.with.clone())
    }
}

/// What uv is asked: its arguments, and what it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its arguments.
    pub args: Vec<String>,
    /// Its standard input; empty for none.
    pub input: String,
}

impl Asked {
    fn new(mut args: Vec<String>, input: String) -> Self {
        args.extend((!input.is_empty()).then(|| "-".to_owned()));
        Self { args, input }
    }
}

/// What uv is asked to print the `pylock.toml` of a variant: for all machines from its oldest interpreter on, of the time
/// before a bucket began, and from `others` on as well. None for another recipe.
pub fn ask_for_lock(
    backend: &Backend,
    variant: &Variant,
    platforms: &[Platform],
    others: &[&str],
    bucket: Option<&str>,
) -> Option<Asked> {
    let Recipe::Python(python) = &backend.recipe else { return None };
    let requirements = python.requirements(&variant.name);
    let bases = platforms.iter().filter_map(|one| variant.base(one.arch, Some(Language::Python)));
    let bases = bases.map(|(base, _)| interpreter(base.distro).0).chain(others.iter().copied());
    let oldest = bases.min_by_key(|version| release(version));
    let mut args: Vec<String> =
        ["pip", "compile", "-q", "--universal", "--format", "pylock.toml", "--no-header"]
            .map(str::to_owned)
            .into();
    let oldest = requirements.version.as_ref().map(PythonVersion::as_str).or(oldest);
    args.extend(["--python-version".to_owned(), oldest.unwrap_or(MAC).to_owned()]);
    args.extend((!requirements.build).then(|| "--no-build".to_owned()));
    args.extend(places(requirements));
    args.extend(
        bounds(bucket.and_then(begin).as_deref(), &requirements.undated).iter().filter_map(Arg::literal),
    );
    if let Some(file) = &requirements.overrides {
        args.extend(["--overrides".to_owned(), backend.dir.join(file).into_string()]);
    }
    args.extend(requirements.files.iter().map(|file| backend.dir.join(file).into_string()));
    Some(Asked::new(args, lines(&requirements.with)))
}

/// The oldest version that a `pylock.toml` is for.
pub fn oldest(lock: &str) -> Option<&str> {
    let bound = lock.lines().find_map(|line| line.strip_prefix("requires-python = \">="))?;
    bound.strip_suffix('"').filter(|version| !release(version).is_empty())
}

/// The release of the interpreter that is pinned for Macs.
pub const MAC: &str = "3.12";

/// The parts of a version, to be compared.
fn release(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}

/// The version of a distribution's Python, and of its C library as wheels call it. Neither changes within a release.
pub fn interpreter(distro: Distro) -> (&'static str, &'static str) {
    match distro {
        Distro::Debian12 => ("3.11.2", "2_36"),
        // uv knows no later C library; wheels for one do not exist yet.
        Distro::Debian13 => ("3.13.5", "2_40"),
        Distro::Ubuntu2204 => ("3.10.12", "2_35"),
        Distro::Ubuntu2404 => ("3.12.3", "2_39"),
    }
}

/// What differs between two locks, for people; none if they install the same. Comments, the order of packages and the
/// layout of lines do not count.
pub fn difference(before: &str, after: &str) -> Option<String> {
    let (before, after) = (packages(before), packages(after));
    let mut told = Vec::new();
    for (name, is) in &after {
        match before.get(name) {
            Some(was) if was == is => {}
            Some(was) if was.version == is.version => {
                told.push(format!("other files of {name} {}", is.version));
            }
            Some(was) => told.push(format!("{name} {} → {}", was.version, is.version)),
            None => told.push(format!("{name} {} is new", is.version)),
        }
    }
    told.extend(
        before.keys().filter(|name| !after.contains_key(*name)).map(|name| format!("no more {name}")),
    );
    if told.is_empty() {
        return None;
    }
    let more = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    Some(told.join(", "))
}

/// One package of a lock.
#[derive(Debug, PartialEq, Eq)]
struct Locked<'a> {
    version: &'a str,
    /// Hashes and whatever else is said of it, sorted.
    rest: Vec<&'a str>,
}

/// The packages of a lock by name.
fn packages(lock: &str) -> BTreeMap<&str, Locked<'_>> {
    if lock.contains(TABLE) { tables(lock) } else { of_lines(lock) }
}

/// What begins a package in a `pylock.toml`.
const TABLE: &str = "[[packages]]";

/// Those of a `pylock.toml`, as uv writes it: a line for a name, a version and each file.
fn tables(lock: &str) -> BTreeMap<&str, Locked<'_>> {
    lock.split(TABLE).skip(1).map(table).collect()
}

fn table(text: &str) -> (&str, Locked<'_>) {
    let mut rest: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    rest.sort_unstable();
    let value = |key: &str| {
        let line = rest.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
        line.map_or("", |value| value.trim_matches('"'))
    };
    let (name, version) = (value("name"), value("version"));
    (name, Locked { version, rest })
}

/// Those of a requirements file. A line that is indented goes on with the package above it.
fn of_lines(lock: &str) -> BTreeMap<&str, Locked<'_>> {
    let mut found: BTreeMap<&str, Locked<'_>> = BTreeMap::new();
    let mut current = "";
    for line in lock.lines() {
        let text = line.split(" #").next().unwrap_or(line);
        let mut words = text.split_whitespace().filter(|word| *word != "\\").peekable();
        if text.trim_start().starts_with('#') {
            continue;
        }
        if !line.starts_with(char::is_whitespace)
            && let Some(first) = words.next()
        {
            let (name, mut version) = first.split_once("==").unwrap_or((first, ""));
            // A tree at a commit.
            if version.is_empty() && words.next_if_eq(&"@").is_some() {
                version = words.next().unwrap_or_default();
            }
            current = name;
            found.insert(name, Locked { version, rest: Vec::new() });
        }
        if let Some(package) = found.get_mut(current) {
            package.rest.extend(words);
        }
    }
    for package in found.values_mut() {
        package.rest.sort_unstable();
    }
    found
}
