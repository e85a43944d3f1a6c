//! A tree whose backends Makefiles and Dockerfiles build, with a manifest for each of them.
//!
//! Nothing runs: what a Makefile fetches, what a Dockerfile calls and installs and what a Go program imports is read from
//! their texts. What cannot be told is said, and not guessed. A manifest that somebody has edited is never written again.

mod branches;
mod configured;
mod dockerfile;
mod engine;
mod fetched;
mod functions;
mod golang;
mod index;
mod inputs;
mod makefile;
mod manifest;
mod native;
mod python;
mod recipe;
mod sections;
mod server;
mod shell;
mod tree;
mod ways;
mod words;

pub use tree::Tree;

use crate::import::{List, Row};
use camino::{Utf8Path, Utf8PathBuf};
use model::image_names::groups;
use model::manifest::{BACKEND, Diagnostics, Files, Manifests, SOURCES, VARIANTS, is_manifest, load};
use model::name::BackendName;
use model::platform::{Os, Platform};
use model::text::yaml::Node;
use recipe::{Adopted, Known, Wanted};
use std::collections::{BTreeMap, BTreeSet};
use ways::Ways;

/// The tables of a tree that has none: those of the sample backends' repository.
const SKELETON: [(&str, &str); 2] =
    [(VARIANTS, include_str!("skeleton/variants.yaml")), (SOURCES, include_str!("skeleton/sources.yaml"))];

/// What those tables name: patches of what builders are made with.
const PATCHES: [(&str, &str); 2] = [
    ("backend/patches/grpc/grpc-registry.patch", include_str!("skeleton/grpc/grpc-registry.patch")),
    ("backend/patches/grpc/protobuf-registry.patch", include_str!("skeleton/grpc/protobuf-registry.patch")),
];

/// What a file of an adopted tree is, beside what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was not there.
    New,
    /// It changes.
    Changed,
    /// It stays.
    Same,
    /// Somebody has edited it, so that it stays.
    Edited,
}

/// A file of an adopted tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where, from the tree's root.
    pub path: Utf8PathBuf,
    /// Its text, as it shall be.
    pub text: String,
    /// Beside what was there.
    pub state: State,
}

/// What came of one backend.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Outcome {
    /// Its name.
    pub backend: BackendName,
    /// Why it could not be adopted.
    pub refused: Option<String>,
    /// What a person should look at.
    pub notes: Vec<String>,
    /// Why it has a script; none where it has its family's own recipe, or nothing at all.
    pub why_script: Option<String>,
    /// Whether its key holds a bucket of time.
    pub floats: bool,
}

/// A unit as a row of the matrix, or the manifests, know it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Published {
    /// The backend.
    pub backend: BackendName,
    /// Its platform.
    pub platform: Platform,
    /// The end of its image's tags.
    pub suffix: String,
}

/// What becomes of a tree.
#[derive(Debug)]
pub struct Adoption {
    /// Its files: tables first.
    pub files: Vec<File>,
    /// Its backends, by name.
    pub backends: Vec<Outcome>,
    /// What rows say that no variant does, and how many.
    pub apart: BTreeMap<String, usize>,
    /// Rows of the matrix that no unit stands for.
    pub missing: Vec<Published>,
    /// Units that no row of the matrix stands for.
    pub added: Vec<Published>,
    /// Rows that a unit stands for.
    pub equal: usize,
}

/// Plans the adoption of a tree with these rows, of which `present` are the manifests and templates.
pub fn adopt(rows: &[Row], tree: &Tree<'_>, present: &Files) -> Result<Adoption, Diagnostics> {
    let mut texts: BTreeMap<&str, String> =
        SKELETON.into_iter().map(|(path, text)| (path, text.to_owned())).collect();
    for (path, text) in &mut texts {
        if let Some(there) = present.get(Utf8Path::new(path)) {
            there.clone_into(text);
        }
    }
    let tables: Files = texts.iter().map(|(path, text)| (Utf8PathBuf::from(*path), text.clone())).collect();
    let known = load(&tables)?;
    let mut ways = Ways::new(&known);
    let about = index::read(tree);
    let mut shared = Known { tree, pins: &known.pins, about: &about, taken: BTreeMap::new() };
    let mut by_name: BTreeMap<&BackendName, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_name.entry(&row.backend).or_default().push(row);
    }
    let mut adopted = Vec::new();
    let mut backends = Vec::new();
    for (name, rows) in by_name {
        let mut outcome = Outcome {
            backend: name.clone(),
            refused: None,
            notes: Vec::new(),
            why_script: None,
            floats: false,
        };
        match recipe::adopt(name, &rows, &mut shared, &mut ways) {
            Ok(one) => {
                outcome.notes.clone_from(&one.notes);
                outcome.floats = one.recipe.floats();
                outcome.why_script = one.recipe.why_script();
                adopted.push(one);
            }
            Err(why) => outcome.refused = Some(why),
        }
        backends.push(outcome);
    }
    let variants = sections::append(&texts[VARIANTS], "variants", &ways.rows());
    let sources = sources(&texts[SOURCES], &known, &adopted);
    let mut files = vec![file(VARIANTS.into(), variants, present), file(SOURCES.into(), sources, present)];
    if !present.contains_key(Utf8Path::new(SOURCES)) {
        let patch =
            |(path, text): (&str, &str)| File { path: path.into(), text: text.to_owned(), state: State::New };
        files.extend(PATCHES.map(patch));
    }
    files.extend(adopted.iter().map(|one| {
        let file = file(one.dir.join(BACKEND), manifest::text(one), present);
        match present.get(&file.path) {
            Some(there) if file.state == State::Changed && !manifest::is_as_written(there) => {
                File { text: there.clone(), state: State::Edited, ..file }
            }
            _ => file,
        }
    }));
    let mut after = present.clone();
    let manifests = files.iter().filter(|file| is_manifest(&file.path));
    after.extend(manifests.map(|file| (file.path.clone(), file.text.clone())));
    let manifests = load(&after)?;
    let wanted: BTreeSet<Published> = rows.iter().flat_map(of_row).collect();
    let there: BTreeSet<Published> = of_manifests(&manifests).collect();
    let apart = ways.apart;
    Ok(Adoption {
        files,
        backends,
        apart,
        equal: wanted.intersection(&there).count(),
        missing: wanted.difference(&there).cloned().collect(),
        added: there.difference(&wanted).cloned().collect(),
    })
}

fn file(path: Utf8PathBuf, text: String, present: &Files) -> File {
    let state = match present.get(&path) {
        None => State::New,
        Some(there) if *there == text => State::Same,
        Some(_) => State::Changed,
    };
    File { path, text, state }
}

/// `backend/sources.yaml` with the trees of all backends: new ones at its end, and those that moved at their commits.
fn sources(text: &str, known: &Manifests, adopted: &[Adopted]) -> String {
    let mut text = text.to_owned();
    let mut rows = Vec::new();
    let wanted: BTreeMap<_, _> = adopted.iter().flat_map(|one| &one.pins).collect();
    for (name, wanted) in wanted {
        let Some(pin) = known.pins.get(name) else {
            rows.push((name.to_string(), row(wanted)));
            continue;
        };
        if let Some(old) = wanted.succeeds(pin) {
            text = sections::replace(&text, name.as_str(), old.as_str(), wanted.commit.as_str());
            text = sections::replace(&text, name.as_str(), old.short(), wanted.commit.short());
        }
    }
    sections::append(&text, "sources", &rows)
}

fn row(Wanted { url, commit, submodules }: &Wanted) -> Node {
    let git = Node::map([("url", Node::text(url)), ("commit", Node::Quoted(commit.as_str().to_owned()))]);
    let mut row = vec![
        ("version", Node::Quoted(commit.short().to_owned())),
        ("upstream", Node::map([("git", git)])),
        ("license", Node::text("NOASSERTION")),
        ("license-files", Node::texts(["LICENSE"])),
    ];
    if *submodules {
        row.insert(2, ("submodules", Node::truth(true)));
    }
    Node::map(row)
}

fn of_row(row: &Row) -> Vec<Published> {
    let suffix = row.get("tag-suffix").unwrap_or_default().to_owned();
    let one = |platform| Published { backend: row.backend.clone(), platform, suffix: suffix.clone() };
    match row.list {
        List::Darwin => vec![one(Platform { os: Os::Darwin, arch: model::platform::Arch::Arm64 })],
        List::Linux => {
            let platforms = row.get("platforms").unwrap_or_default().split(',');
            platforms.filter_map(|text| text.trim().parse().ok()).map(one).collect()
        }
    }
}

fn of_manifests(manifests: &Manifests) -> impl Iterator<Item = Published> {
    let found = manifests.backends.values().filter_map(|backend| groups(backend, &manifests.variants).ok());
    found.flatten().flat_map(|group| {
        let suffix = group.suffix.to_string();
        let units = group.units().map(|unit| Published {
            backend: unit.backend.clone(),
            platform: unit.platform,
            suffix: suffix.clone(),
        });
        units.collect::<Vec<_>>()
    })
}
