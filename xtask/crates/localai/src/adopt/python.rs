//! Python backends whose scripts install requirement files and start one module, and do no more: what xtask does as well.

mod install;
mod requirements;

use super::inputs::Globs;
use super::shell::{ASSIGN, statements};
use super::tree::Tree;
use super::words::Words;
use camino::Utf8Path;
use install::Install;
use model::build_type::BuildType;
use model::host::Distro;
use model::name::VariantName;
use model::python::{IndexStrategy, ModulePath};
use model::text::path::PlainPath;
use model::text::yaml::Node;
use model::variant::Cuda;
use plan::floating::interpreter;
use plan::proto::CONTRACT;
use std::collections::{BTreeMap, BTreeSet};

/// What a server's module is called, in the order in which it is looked for.
const ENTRIES: [&str; 2] = ["server.py", "backend.py"];

/// What a variant is built for, as scripts know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Profile {
    pub build_type: BuildType,
    pub cuda: Option<Cuda>,
    /// What it is built on; none on a Mac.
    pub distro: Option<Distro>,
}

impl Profile {
    /// The build type with the toolkit's major version, by which requirement files are called.
    fn name(self) -> String {
        match (self.build_type, self.cuda) {
            (kind @ (BuildType::Cublas | BuildType::L4t), Some(cuda)) => format!("{kind}{}", cuda.major),
            (kind, _) => kind.to_string(),
        }
    }
}

/// The section of a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Python {
    entry: ModulePath,
    packages: BTreeSet<String>,
    by_variant: BTreeMap<VariantName, Row>,
}

/// What one variant installs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    files: Vec<String>,
    indexes: Vec<String>,
    strategy: Option<IndexStrategy>,
    prerelease: bool,
}

/// The section, and what a person should look at; why there is none otherwise.
pub(super) fn prove(
    tree: &Tree<'_>,
    dir: &Utf8Path,
    steps: &[Vec<String>],
    profiles: &[(VariantName, Profile)],
) -> Result<(Python, Vec<String>), String> {
    let has = |name: &str| tree.has(&dir.join(name));
    if has("package.sh") {
        return Err("its package.sh adds to the package".to_owned());
    }
    let own = format!("{}.py", dir.file_name().unwrap_or_default());
    let entry = ENTRIES.into_iter().chain([own.as_str()]).find(|name| has(name));
    let entry = entry
        .and_then(|name| name.parse().ok())
        .ok_or("no module of its directory is called as a server's")?;
    only_starts(&tree.text(&dir.join("run.sh")).ok_or("it has no run.sh")?)?;
    makefile(&tree.text(&dir.join("Makefile")).ok_or("it has no Makefile")?)?;
    let script = tree.text(&dir.join("install.sh")).ok_or("it has no install.sh")?;
    let packages = packages(dir, steps)?;
    let mut notes = Vec::new();
    let mut by_variant = BTreeMap::new();
    for (variant, profile) in profiles {
        let install = Install::read(&script, *profile)?;
        if let (Some(wanted), Some(distro)) = (&install.python, profile.distro)
            && !interpreter(distro).0.starts_with(&format!("{wanted}."))
        {
            let has = interpreter(distro).0;
            return Err(format!("it asks for Python {wanted}, and the system of `{variant}` has {has}"));
        }
        let (row, note) = requirements::row(tree, dir, *profile, &install)?;
        notes.extend(note.map(|note| format!("{variant}: {note}")));
        by_variant.insert(variant.clone(), row);
    }
    Ok((Python { entry, packages, by_variant }, notes))
}

impl Python {
    /// Globs of what the recipe reads: no script, and nothing for one.
    pub fn inputs(&self, tree: &Tree<'_>, dir: &Utf8Path) -> Globs {
        let mut include = vec![CONTRACT.to_owned(), model::backend::LICENSE.to_owned(), format!("{dir}/**")];
        include.extend(self.packages.iter().map(|package| format!("{package}/**")));
        include.retain(|glob| glob.contains('*') || tree.has(Utf8Path::new(glob)));
        include.sort();
        let unread =
            ["backend.yaml", "Makefile", "*.sh", "**/*.md", "test.py", "**/test_*.py", "**/*_test.py"];
        let own = unread.iter().map(|glob| format!("{dir}/{glob}"));
        let shared = ["**/*.sh", "**/*_test.py", "template/**"];
        let shared = self.packages.iter().flat_map(|package| shared.map(|glob| format!("{package}/{glob}")));
        vec![("include", include), ("exclude", own.chain(shared).collect())]
    }

    /// As YAML.
    pub fn node(&self) -> Node {
        let mut section = vec![("entry", Node::text(self.entry.as_str()))];
        if !self.packages.is_empty() {
            section.push(("packages", Node::texts(self.packages.clone())));
        }
        // Scripts build what has no wheel.
        let build = ("build", Node::truth(true));
        let mut rows = self.by_variant.values();
        match rows.next() {
            Some(first) if rows.all(|row| row == first) => {
                section.extend(first.node());
                section.push(build);
            }
            _ => {
                section.push(build);
                let rows = self.by_variant.iter().map(|(name, row)| (name.as_str(), Node::map(row.node())));
                section.push(("by-variant", Node::map(rows)));
            }
        }
        Node::map(section)
    }
}

impl Row {
    fn node(&self) -> Vec<(&'static str, Node)> {
        let mut row = vec![("requirements", Node::texts(self.files.clone()))];
        if !self.indexes.is_empty() {
            row.push(("extra-indexes", Node::texts(self.indexes.clone())));
            // Such an index says of no file when it was uploaded.
            row.push(("undated", Node::List(vec![Node::Quoted("*".to_owned())])));
        }
        row.extend(self.strategy.map(|strategy| ("index-strategy", Node::text(strategy.as_str()))));
        if self.prerelease {
            row.push(("prerelease", Node::text("allow")));
        }
        row
    }
}

/// A script that starts the server by the shared library's own means.
fn only_starts(text: &str) -> Result<(), String> {
    let calls = statements(text, &Words::default());
    for call in &calls {
        let words: Vec<&str> = call.argv.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["set" | "startBackend", ..] => {}
            ["source" | ".", path] if path.ends_with("common/libbackend.sh") => {}
            [last] if is_own_directory(call.assigned.first(), last) => {}
            ["export" | ASSIGN, ..] => return Err("its run.sh sets variables by what it finds".to_owned()),
            _ => return Err(format!("its run.sh calls `{}`", words.join(" "))),
        }
    }
    if calls.iter().any(|call| call.argv[0] == "startBackend") {
        Ok(())
    } else {
        Err("its run.sh does not start it by the shared library".to_owned())
    }
}

/// `backend_dir=$(dirname $0)`, as it is divided into words.
fn is_own_directory(assigned: Option<&(String, String)>, last: &str) -> bool {
    last == "$0)" && assigned.is_some_and(|(_, value)| value == "$(dirname")
}

/// A Makefile that calls scripts and tidies up.
fn makefile(text: &str) -> Result<(), String> {
    let text = text.replace("\\\n", " ");
    for line in text.lines().filter_map(|line| line.strip_prefix('\t')) {
        let line = line.trim_start_matches(['@', '-']);
        let is_known =
            ["bash install.sh", "bash test.sh", "bash run.sh", "bash protogen.sh", "$(RM) ", "rm ", "echo "];
        if !line.trim().is_empty() && !is_known.iter().any(|known| line.starts_with(known)) {
            return Err(format!("its Makefile runs `{line}`"));
        }
    }
    Ok(())
}

/// Directories that a Dockerfile copies beside the modules; what else it does, xtask does as well.
fn packages(dir: &Utf8Path, steps: &[Vec<String>]) -> Result<BTreeSet<String>, String> {
    let mut found = BTreeSet::new();
    for step in steps {
        let words: Vec<&str> = step.iter().map(String::as_str).collect();
        let below = |path: &str| Utf8Path::new(path).starts_with(dir);
        match words.as_slice() {
            ["cp", CONTRACT, to] if below(to) => {}
            ["cp", "-R", from, to] if below(to) => {
                let known: Option<PlainPath> = from.trim_end_matches("/.").parse().ok();
                let name = known.as_ref().and_then(|path| path.file_name());
                let is_new = |name| !found.iter().any(|one: &String| one.ends_with(&format!("/{name}")));
                match known.as_ref().zip(name.filter(|name| dir.join(name) == *to && is_new(*name))) {
                    Some((path, _)) => found.insert(path.to_string()),
                    None => return Err(format!("its Dockerfile copies {from} to {to}")),
                };
            }
            ["mkdir", "-p", to] if below(to) => {}
            ["make", "-C", to] if *to == dir => {}
            // Libraries of a device, which are found by what the package links.
            [_, script, to] if !below(script) && *to == dir.join("lib") => {}
            // A file that is not there.
            ["bash", script] if *script == dir.join("package.sh") => {}
            _ => return Err(format!("its Dockerfile runs `{}`", words.join(" "))),
        }
    }
    Ok(found)
}
