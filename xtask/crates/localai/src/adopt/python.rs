//! Python backends whose scripts install requirement files and start one module, and do no more: what xtask does as well.

mod install;
mod requirements;

use super::inputs::Globs;
use super::recipe::Wanted;
use super::shell::{ASSIGN, Guard, is_name, joined, statements};
use super::tree::Tree;
use super::words::{Words, is_open};
use camino::{Utf8Path, Utf8PathBuf};
use install::Install;
use model::build_type::BuildType;
use model::host::Distro;
use model::name::{PinName, VariantName};
use model::python::{IndexStrategy, ModulePath, PythonVersion, Requirement};
use model::source::Pin;
use model::text::path::{HostPath, PlainPath};
use model::text::yaml::Node;
use model::variant::Cuda;
use plan::floating::{MAC, interpreter};
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
    environment: Environment,
    /// Trees in its directory, of which some directories lie beside its modules.
    pub trees: BTreeMap<Utf8PathBuf, Wanted>,
    copied: BTreeSet<Utf8PathBuf>,
    post_install: Vec<Vec<String>>,
}

/// What one variant installs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    version: Option<PythonVersion>,
    files: Vec<String>,
    indexes: Vec<String>,
    strategy: Option<IndexStrategy>,
    prerelease: bool,
    git: bool,
    shares: bool,
    build_env: BTreeMap<String, String>,
    with: Vec<Requirement>,
    without_dependencies: Vec<Requirement>,
}

/// What of a Dockerfile's packages a build without its scripts may need: all but the interpreter's names and the installers,
/// of which the recipe brings its own, alone on the path of what it builds.
pub(super) fn needed(packages: BTreeSet<String>) -> BTreeSet<String> {
    let own = ["python-is-python3", "python3-pip", "python3-venv"];
    packages.into_iter().filter(|name| !own.contains(&name.as_str())).collect()
}

/// The section, and what a person should look at; why there is none otherwise.
pub(super) fn prove(
    tree: &Tree<'_>,
    dir: &Utf8Path,
    steps: &[Vec<String>],
    profiles: &[(VariantName, Profile)],
    pins: &BTreeMap<PinName, Pin>,
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
    let environment = only_starts(&tree.text(&dir.join("run.sh")).ok_or("it has no run.sh")?)?;
    makefile(&tree.text(&dir.join("Makefile")).ok_or("it has no Makefile")?)?;
    let script = tree.text(&dir.join("install.sh")).ok_or("it has no install.sh")?;
    let packages = packages(dir, steps)?;
    let there = |path: &str| tree.below(&joined(dir, path)).next().is_some();
    let mut notes = Vec::new();
    let mut by_variant = BTreeMap::new();
    let mut trees = BTreeMap::new();
    let mut common = None;
    for (variant, profile) in profiles {
        let install = Install::read(&script, *profile, &there)?;
        for (at, tree) in install.copied.values() {
            let revision = tree.revision.as_deref().unwrap_or_default();
            let commit = revision.parse().map_err(|_| format!("its install.sh copies {at} of no commit"))?;
            trees.insert(dir.join(at), Wanted { url: tree.url.clone(), commit, submodules: false });
        }
        let copies: BTreeSet<Utf8PathBuf> = install.copied.keys().map(|from| dir.join(from)).collect();
        let own = (copies, install.edits.clone());
        if common.get_or_insert_with(|| own.clone()) != &own {
            return Err("its install.sh copies or edits other files for some profiles".to_owned());
        }
        let (mut row, note) = requirements::row(tree, dir, *profile, &install)?;
        row.version = install.python.map(|wanted| version(&wanted, *profile, pins)).transpose()?.flatten();
        notes.extend(note.map(|note| format!("{variant}: {note}")));
        by_variant.insert(variant.clone(), row);
    }
    let (copied, post_install) = common.unwrap_or_default();
    Ok((Python { entry, packages, by_variant, environment, trees, copied, post_install }, notes))
}

/// The version that a script asks for, where it is not the one that there is anyway.
fn version(
    wanted: &str,
    profile: Profile,
    pins: &BTreeMap<PinName, Pin>,
) -> Result<Option<PythonVersion>, String> {
    let version: PythonVersion =
        wanted.parse().map_err(|_| format!("its install.sh asks for Python {wanted}"))?;
    let (own, platforms) = match profile.distro {
        Some(distro) => (interpreter(distro).0, ["linux-amd64", "linux-arm64"].as_slice()),
        None => (MAC, ["darwin-arm64"].as_slice()),
    };
    if version.has(own) {
        return Ok(None);
    }
    match platforms
        .iter()
        .map(|one| format!("python-{wanted}-{one}"))
        .find(|name| !pins.contains_key(name.as_str()))
    {
        Some(absent) => Err(format!("it asks for Python {wanted}, and backend/sources.yaml has no {absent}")),
        None => Ok(Some(version)),
    }
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

    /// What the package sets when it starts, as YAML.
    pub fn package(&self) -> Vec<(&'static str, Node)> {
        let node = |env: &BTreeMap<String, String>| {
            Node::map(env.iter().map(|(name, value)| (name.as_str(), Node::Quoted(value.clone()))))
        };
        let Environment { always, if_exists } = &self.environment;
        let mut found = Vec::new();
        if !always.is_empty() {
            found.push(("env", node(always)));
        }
        if !if_exists.is_empty() {
            let each = if_exists.iter().map(|(path, env)| (path.as_str(), node(env)));
            found.push(("env-if-exists", Node::map(each)));
        }
        found
    }

    /// As YAML.
    pub fn node(&self) -> Node {
        let mut section = vec![("entry", Node::text(self.entry.as_str()))];
        let copied = self.copied.iter().map(ToString::to_string);
        let packages: Vec<String> = self.packages.iter().cloned().chain(copied).collect();
        if !packages.is_empty() {
            section.push(("packages", Node::texts(packages)));
        }
        if !self.post_install.is_empty() {
            let commands = self.post_install.iter().map(|command| Node::texts(command.clone()));
            section.push(("post-install", Node::List(commands.collect())));
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
        let mut row = Vec::new();
        row.extend(self.version.as_ref().map(|version| ("version", Node::Quoted(version.to_string()))));
        row.push(("requirements", Node::texts(self.files.clone())));
        if !self.indexes.is_empty() {
            row.push(("extra-indexes", Node::texts(self.indexes.clone())));
            // Such an index says of no file when it was uploaded.
            row.push(("undated", Node::List(vec![Node::Quoted("*".to_owned())])));
        }
        row.extend(self.strategy.map(|strategy| ("index-strategy", Node::text(strategy.as_str()))));
        if self.prerelease {
            row.push(("prerelease", Node::text("allow")));
        }
        for (key, lines) in [("with", &self.with), ("without-dependencies", &self.without_dependencies)] {
            if !lines.is_empty() {
                row.push((key, Node::texts(lines.iter().map(ToString::to_string))));
            }
        }
        if self.git {
            row.push(("git", Node::truth(true)));
        }
        if self.shares {
            row.push(("isolation", Node::truth(false)));
        }
        if !self.build_env.is_empty() {
            let env = self.build_env.iter();
            row.push((
                "build-env",
                Node::map(env.map(|(name, value)| (name.as_str(), Node::Quoted(value.clone())))),
            ));
        }
        row
    }
}

/// What a script sets for the server that it starts: always, and where a path is there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Environment {
    pub always: BTreeMap<String, String>,
    pub if_exists: BTreeMap<String, BTreeMap<String, String>>,
}

/// Of a script that starts the server by the shared library's own means.
fn only_starts(text: &str) -> Result<Environment, String> {
    let calls = statements(text, &Words::default());
    let mut found = Environment::default();
    for call in &calls {
        let words: Vec<&str> = call.argv.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["set" | "startBackend", ..] => {}
            ["source" | ".", path] if path.ends_with("common/libbackend.sh") => {}
            [last] if is_own_directory(call.assigned.first(), last) => {}
            ["export", assignments @ ..] => {
                let env = match call.guards.as_slice() {
                    [] => &mut found.always,
                    [guard] => found
                        .if_exists
                        .entry(there(guard).ok_or("its run.sh sets variables by what it finds")?)
                        .or_default(),
                    _ => return Err("its run.sh sets variables by what it finds".to_owned()),
                };
                for assignment in assignments {
                    let (name, value) = assignment.split_once('=').unwrap_or((assignment, "$"));
                    if is_open(value) || !is_name(name) {
                        return Err(format!("its run.sh sets {name} to what it finds"));
                    }
                    env.insert(name.to_owned(), value.to_owned());
                }
            }
            [ASSIGN, ..] => return Err("its run.sh sets variables by what it finds".to_owned()),
            _ => return Err(format!("its run.sh calls `{}`", words.join(" "))),
        }
    }
    if calls.iter().any(|call| call.argv[0] == "startBackend") {
        Ok(found)
    } else {
        Err("its run.sh does not start it by the shared library".to_owned())
    }
}

/// The path of the machine that a condition looks for, and for nothing else.
fn there(guard: &Guard) -> Option<String> {
    let Guard::Branch(before, Some(own)) = guard else { return None };
    let [(_, words)] = own.as_slice() else { return None };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["[", "-d" | "-e", path, "]"] if before.is_empty() && !is_open(path) => {
            path.parse::<HostPath>().is_ok().then(|| (*path).to_owned())
        }
        _ => None,
    }
}

/// `backend_dir=$(dirname $0)`, as it is divided into words.
fn is_own_directory(assigned: Option<&(String, String)>, last: &str) -> bool {
    last == "$0)" && assigned.is_some_and(|(_, value)| value == "$(dirname")
}

/// A Makefile whose first goal calls scripts and tidies up.
fn makefile(text: &str) -> Result<(), String> {
    const KNOWN: [&str; 7] =
        ["bash install.sh", "bash test.sh", "bash run.sh", "bash protogen.sh", "$(RM) ", "rm ", "echo "];
    let text = text.replace("\\\n", " ");
    let mut rules: Vec<(Vec<&str>, Vec<&str>, Vec<&str>)> = Vec::new();
    let mut goal = None;
    for line in text.lines() {
        if let Some(recipe) = line.strip_prefix('\t') {
            if let Some((_, _, lines)) = rules.last_mut() {
                lines.push(recipe.trim_start_matches(['@', '-']));
            }
        } else if let Some((_, name)) =
            line.split_once('=').filter(|(name, _)| name.starts_with(".DEFAULT_GOAL"))
        {
            goal = Some(name.trim());
        } else if let Some((targets, needs)) = line.split_once(':').filter(|_| !line.starts_with(['#', '.']))
            && !needs.starts_with('=')
        {
            rules.push((
                targets.split_whitespace().collect(),
                needs.split_whitespace().collect(),
                Vec::new(),
            ));
        }
    }
    let mut open: Vec<&str> = goal.or_else(|| rules.first()?.0.first().copied()).into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(target) = open.pop() {
        if !seen.insert(target) {
            continue;
        }
        if is_open(target) {
            return Err(format!("its Makefile makes `{target}`"));
        }
        for (_, needs, lines) in rules.iter().filter(|(targets, _, _)| targets.contains(&target)) {
            open.extend(needs);
            let is_odd =
                |line: &&&str| !line.trim().is_empty() && !KNOWN.iter().any(|known| line.starts_with(known));
            if let Some(line) = lines.iter().find(is_odd) {
                return Err(format!("its Makefile runs `{line}`"));
            }
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
