//! A tree of every shape that Makefiles and Dockerfiles give a backend, adopted.

#![allow(clippy::unwrap_used, clippy::panic)]

use camino::{Utf8Path, Utf8PathBuf};
use localai::adopt::{Adoption, State, Tree, adopt};
use localai::import::rows;
use model::manifest::Files;
use std::collections::{BTreeMap, BTreeSet};

const OLD: &str = "1111111111111111111111111111111111111111";
const NEW: &str = "2222222222222222222222222222222222222222";

/// The tree of `tests/fixtures/adopt`: paths and texts.
fn fixture() -> BTreeMap<Utf8PathBuf, String> {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/adopt");
    let mut found = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in dir.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text = fs_err::read_to_string(&path).unwrap();
                found.insert(path.strip_prefix(&root).unwrap().to_owned(), text);
            }
        }
    }
    found
}

fn adopted(files: &BTreeMap<Utf8PathBuf, String>) -> Adoption {
    let read = |path: &Utf8Path| files.get(path).cloned();
    let submodule = ("https://example.org/voices".to_owned(), OLD.parse().unwrap());
    let tree = Tree {
        files: files.keys().cloned().collect(),
        submodules: BTreeMap::from([("backend/rust/singer/sources/Voices".into(), submodule)]),
        read: &read,
    };
    let matrix = &files[Utf8Path::new(".github/backend-matrix.yml")];
    let rows = rows(Utf8Path::new("backend-matrix.yml"), matrix).unwrap();
    let manifests = |path: &&Utf8PathBuf| model::manifest::is_manifest(path);
    let present: Files =
        files.keys().filter(manifests).map(|path| (path.clone(), files[path].clone())).collect();
    adopt(&rows, &tree, &present).unwrap_or_else(|found| panic!("{}", found.render(false)))
}

/// The files as they are afterwards.
fn after(mut files: BTreeMap<Utf8PathBuf, String>, adoption: &Adoption) -> BTreeMap<Utf8PathBuf, String> {
    files.extend(adoption.files.iter().map(|file| (file.path.clone(), file.text.clone())));
    files
}

fn states(adoption: &Adoption) -> BTreeMap<&str, State> {
    let manifests = adoption.files.iter().filter(|file| file.state != State::Same);
    manifests.map(|file| (file.path.as_str(), file.state)).collect()
}

#[test]
fn every_shape_gets_a_manifest_and_every_row_its_unit() {
    let adoption = adopted(&fixture());
    assert_eq!((adoption.missing.as_slice(), adoption.added.as_slice()), ([].as_slice(), [].as_slice()));
    assert!(adoption.backends.iter().all(|one| one.refused.is_none()), "{:?}", adoption.backends);
    for file in adoption.files.iter().filter(|file| file.path.file_name() == Some("backend.yaml")) {
        let name = file.path.parent().unwrap().file_name().unwrap();
        insta::assert_snapshot!(name, file.text);
    }
    let tables = adoption.files[..2].iter().map(|file| {
        // What a tree without tables gets first is this repository's own.
        let skeleton =
            format!("{}/src/adopt/skeleton/{}", env!("CARGO_MANIFEST_DIR"), file.path.file_name().unwrap());
        let known: BTreeSet<String> =
            fs_err::read_to_string(skeleton).unwrap().lines().map(str::to_owned).collect();
        file.text.lines().filter(|line| !known.contains(*line)).collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!("tables", tables.collect::<Vec<_>>().join("\n---\n"));
    let notes = adoption
        .backends
        .iter()
        .flat_map(|one| one.notes.iter().map(move |note| format!("{}: {note}", one.backend)));
    let apart = adoption.apart.iter().map(|(what, count)| format!("{count} × {what}"));
    insta::assert_snapshot!("notes", notes.chain(apart).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_second_time_changes_nothing() {
    let first = adopted(&fixture());
    let again = adopted(&after(fixture(), &first));
    assert_eq!(states(&again), BTreeMap::new());
    assert_eq!(again.equal, first.equal);
}

#[test]
fn what_somebody_edited_stays_and_what_the_matrix_has_beyond_it_is_told() {
    let mut files = after(fixture(), &adopted(&fixture()));
    let manifest = files.get_mut(Utf8Path::new("backend/go/plain/backend.yaml")).unwrap();
    *manifest = manifest.replace("  metal: [darwin/arm64]\n", "");
    let again = adopted(&files);
    assert_eq!(states(&again), BTreeMap::from([("backend/go/plain/backend.yaml", State::Edited)]));
    let missing: Vec<&str> = again.missing.iter().map(|one| one.suffix.as_str()).collect();
    assert_eq!(missing, ["-metal-darwin-arm64-plain"]);
}

#[test]
fn a_pin_that_moves_upstream_moves_and_a_new_row_is_added() {
    let mut files = after(fixture(), &adopted(&fixture()));
    let makefile = files.get_mut(Utf8Path::new("backend/go/engine/Makefile")).unwrap();
    *makefile = makefile.replace(OLD, NEW);
    let matrix = files.get_mut(Utf8Path::new(".github/backend-matrix.yml")).unwrap();
    let row = matrix.split("  - ").find(|row| row.contains("-cpu-plain")).unwrap().to_owned();
    let row = row
        .replace("linux/amd64", "linux/arm64")
        .replace("'ubuntu-latest'", "'ubuntu-24.04-arm'\n    platform-tag: 'arm64'");
    *matrix = matrix.replace("include:\n", &format!("include:\n  - {row}"));
    let again = adopted(&files);
    let changed = BTreeMap::from([
        ("backend/go/plain/backend.yaml", State::Changed),
        ("backend/sources.yaml", State::Changed),
    ]);
    assert_eq!(states(&again), changed);
    let sources = again.files.iter().find(|file| file.path == "backend/sources.yaml").unwrap();
    assert!(sources.text.contains(&format!("engine.cpp\n        commit: '{NEW}'")), "{}", sources.text);
}

#[test]
fn a_row_without_a_directory_is_refused_by_name() {
    let mut files = fixture();
    files.retain(|path, _| !path.starts_with("backend/go/plain"));
    let adoption = adopted(&files);
    let refused: Vec<String> = adoption
        .backends
        .iter()
        .filter_map(|one| Some(format!("{}: {}", one.backend, one.refused.as_ref()?)))
        .collect();
    assert_eq!(refused, ["plain: it has no directory"]);
    assert_eq!(adoption.missing.len(), 2);
}
