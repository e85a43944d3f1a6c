//! What a change touches, on the small fixture: keys against globs, and changes that grow.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "the fixture is on disk")]

#[path = "../../plan/tests/common/mod.rs"]
mod common;

use ci::affected::{
    Change, ChangedFile, Content, ContractAt, ContractEdit, Edit, Edits, Evidence, Globs, Head, Kind,
    Matcher, Selection, Tree, Trees, is_of_contract, is_told_by_text, read_diff, read_tree, read_untracked,
    select,
};
use model::backend::Inputs;
use model::manifest::{self, Files, Manifests};
use model::unit::UnitId;
use plan::proto::{BASELINE, CONTRACT};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Texts = BTreeMap<String, String>;

struct Simple;
struct Patterns(Inputs);

impl Globs for Simple {
    fn matcher(&self, inputs: &Inputs) -> Result<Box<dyn Matcher>, String> {
        Ok(Box::new(Patterns(inputs.clone())))
    }
}

impl Matcher for Patterns {
    fn takes(&self, file: &str) -> bool {
        let any = |globs: &[String]| globs.iter().any(|glob| fast_glob::glob_match(glob, file));
        any(&self.0.include) && !any(&self.0.exclude)
    }
    fn reaches(&self, directory: &str) -> bool {
        // The fixture's globs are paths and `dir/**`.
        let dirs = self.0.include.iter().map(|glob| glob.trim_end_matches("/**"));
        directory.is_empty()
            || dirs
                .into_iter()
                .any(|dir| Path::new(dir).starts_with(directory) || Path::new(directory).starts_with(dir))
    }
}

fn fixture() -> Texts {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/small"));
    let mut texts = Texts::from([
        ("docker/Dockerfile.golang".to_owned(), "FROM scratch\n".to_owned()),
        ("docs/guide.md".to_owned(), "# Guide\n".to_owned()),
    ]);
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                texts.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    texts
}

fn manifests(texts: &Texts) -> Option<Manifests> {
    let manifests = texts.iter().filter(|(path, _)| {
        path.ends_with("/backend.yaml") || *path == manifest::VARIANTS || *path == manifest::SOURCES
    });
    let files: Files = manifests.map(|(path, text)| (path.into(), text.clone())).collect();
    manifest::load(&files).ok()
}

fn content(text: &str) -> Content {
    let id = Some(blake3_of(text));
    Content { kind: Kind::File { executable: false }, id }
}

fn blake3_of(text: &str) -> String {
    // Any injection does: contents are only compared.
    format!("{:?}", text.as_bytes())
}

fn edits(before: &Texts, after: &Texts) -> Edits {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path))
        .map(|path| {
            let side = |texts: &Texts| texts.get(path).map(|text| content(text));
            (path.clone(), Edit { before: side(before), after: side(after) })
        })
        .collect()
}

fn trees(before: &Texts, after: &Texts) -> Option<Trees> {
    let edits = edits(before, after);
    let texts = edits
        .keys()
        .filter(|path| is_told_by_text(path))
        .filter_map(|path| Some((path.clone(), (before.get(path)?.clone(), after.get(path)?.clone()))));
    let contract = |texts: &Texts| {
        Some(ContractAt { text: texts.get(CONTRACT)?.clone(), baseline: texts.get(BASELINE).cloned() })
    };
    let sources = before.iter().filter(|(path, _)| !edits.contains_key(*path));
    let contract = contract(before).zip(contract(after)).map(|(at_base, at_head)| ContractEdit {
        before: at_base,
        after: at_head,
        sources: sources.map(|(path, text)| (path.clone(), text.clone())).collect(),
    });
    Some(Trees {
        contract: contract.filter(|_| edits.keys().any(|path| is_of_contract(path))),
        base: "base".to_owned(),
        manifests: manifests(before)?,
        before: before.iter().map(|(path, text)| (path.clone(), content(text))).collect(),
        texts: texts.collect(),
        edits,
    })
}

fn judge(head: &Manifests, change: &Change) -> Selection {
    let selection =
        select(Head { manifests: head, host: &common::host("linux/amd64"), globs: &Simple }, change).unwrap();
    assert!(selection.units.values().all(|reasons| !reasons.is_empty()), "{selection:?}");
    selection
}

fn by_keys(before: &Texts, after: &Texts) -> Option<Selection> {
    Some(judge(&manifests(after)?, &Change::Trees(Box::new(trees(before, after)?))))
}

fn by_globs(files: &[&String], after: &Texts) -> Selection {
    let files = files.iter().map(|path| ChangedFile { path: (*path).clone(), directory: false }).collect();
    judge(&manifests(after).unwrap(), &Change::Files { files, why: "a test".to_owned() })
}

fn names(selection: &Selection) -> BTreeSet<UnitId> {
    selection.units.keys().cloned().collect()
}

/// A path, and texts that may stand there; none removes it.
fn edit() -> impl Strategy<Value = (String, Option<String>)> {
    let texts = fixture();
    let anything = (
        prop::sample::select(vec![
            "backend/cpp/llama-cpp/src/main.cpp",
            "backend/cpp/llama-cpp/new.md",
            "backend/cpp/llama-cpp/new.h",
            "backend/go/local-store/main.go",
            "backend/python/common/serve.py",
            "backend/python/minilm/server.py",
            "backend/patches/llama.cpp/one.patch",
            CONTRACT,
            BASELINE,
            "docker/Dockerfile.golang",
            "docker/Dockerfile.python",
            "docs/guide.md",
            ".gitattributes",
            "backend/go/.gitattributes",
        ]),
        prop::option::weighted(0.8, "[ab#\n]{0,4}"),
    )
        .prop_map(|(path, text)| (path.to_owned(), text));
    let field = prop::sample::select(vec![
        ("backend/cpp/llama-cpp/backend.yaml", "\"ON\"", "\"OFF\""),
        ("backend/cpp/llama-cpp/backend.yaml", "  vulkan: [linux/amd64, linux/arm64]\n", ""),
        ("backend/cpp/llama-cpp/backend.yaml", "cpp/llama-cpp/**/*.md", "cpp/llama-cpp/src/**"),
        ("backend/go/local-store/backend.yaml", "linux/amd64, ", ""),
        ("backend/sources.yaml", "2222", "3333"),
        ("backend/sources.yaml", "    patches: [backend/patches/llama.cpp/one.patch]\n", ""),
        ("backend/variants.yaml", "image: ubuntu:24.04", "image: ubuntu:26.04"),
    ])
    .prop_map(move |(path, from, to)| {
        assert!(texts[path].contains(from), "{path}: {from}");
        (path.to_owned(), Some(texts[path].replacen(from, to, 1)))
    });
    prop_oneof![2 => anything, 1 => field]
}

fn apply(texts: &Texts, edits: &[(String, Option<String>)]) -> Texts {
    let mut texts = texts.clone();
    for (path, text) in edits {
        match text {
            Some(text) => drop(texts.insert(path.clone(), text.clone())),
            None => drop(texts.remove(path)),
        }
    }
    texts
}

fn is_manifest(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "yaml")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn globs_touch_all_that_keys_touch(
        before in prop::collection::vec(edit(), 0..4),
        after in prop::collection::vec(edit(), 0..5),
    ) {
        let before = apply(&fixture(), &before);
        let after = apply(&before, &after);
        // What is no manifest is refused before anything is selected.
        let Some(keys) = by_keys(&before, &after) else { return Ok(()) };
        let edits = edits(&before, &after);
        let globs = by_globs(&edits.keys().collect::<Vec<_>>(), &after);
        prop_assert_eq!(keys.evidence, Evidence::Keys);
        prop_assert_eq!(globs.evidence, Evidence::Globs);
        prop_assert!(names(&globs).is_superset(&names(&keys)), "{:#?}\n{:#?}", keys, globs);
    }

    #[test]
    fn one_file_more_never_takes_a_unit_away(
        change in prop::collection::vec(edit(), 0..5),
        (path, text) in edit(),
    ) {
        let before = fixture();
        let less = apply(&before, &change);
        let more = apply(&less, &[(path.clone(), text)]);
        let (Some(few), Some(many)) = (by_keys(&before, &less), by_keys(&before, &more)) else { return Ok(()) };
        // A manifest may cease to publish a unit, and a second edit of one file may take back the first.
        if !is_manifest(&path) && !edits(&before, &less).contains_key(&path) {
            prop_assert!(names(&many).is_superset(&names(&few)), "{:#?}\n{:#?}", few, many);
        }
        let edited = edits(&before, &less);
        let few = by_globs(&edited.keys().collect::<Vec<_>>(), &more);
        let many = by_globs(&edited.keys().chain([&path]).collect::<Vec<_>>(), &more);
        prop_assert!(names(&many).is_superset(&names(&few)), "{:#?}\n{:#?}", few, many);
    }

    #[test]
    fn whatever_git_prints_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64), text in "[:0-9a-fMAU \t\0/.]{0,80}") {
        for output in [&bytes[..], text.as_bytes()] {
            drop((read_tree(output), read_diff(output), read_untracked(output)));
        }
    }
}

#[test]
fn where_nothing_is_known_everything_is_touched() {
    let head = manifests(&fixture()).unwrap();
    let selection = judge(&head, &Change::Unknown { why: "lost".to_owned() });
    assert_eq!(
        (selection.evidence, selection.why.as_str(), selection.units.len()),
        (Evidence::Everything, "lost", 10)
    );
}

#[test]
fn an_unknown_file_list_entry_may_be_a_directory() {
    let head = manifests(&fixture()).unwrap();
    let touched = |path: &str, directory| {
        let files = vec![ChangedFile { path: path.to_owned(), directory }];
        let selection = judge(&head, &Change::Files { files, why: String::new() });
        selection
            .units
            .into_keys()
            .map(|unit| unit.backend.to_string())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(touched("backend/python", true), ["minilm"]);
    assert_eq!(touched("docs", true), [""; 0]);
    assert_eq!(touched("xtask/crates/plan/src/recipe/go.rs", false), ["llama-cpp", "local-store", "minilm"]);
    assert_eq!(touched("xtask/crates/ci/src/matrix/mod.rs", false), [""; 0]);
}

#[test]
fn listings_are_read_as_git_prints_them() {
    let tree = read_tree(b"100755 blob aa\tx y\n\x00120000 blob bb\tl\x00160000 commit cc\ts\0").unwrap();
    let kinds: Vec<_> = tree.iter().map(|(path, content)| (path.as_str(), content.kind)).collect();
    let expected = [("l", Kind::Link), ("s", Kind::Submodule), ("x y\n", Kind::File { executable: true })];
    assert_eq!(kinds, expected);
    let zero = "0".repeat(40);
    let diff = format!(
        ":100644 000000 aa {zero} D\0gone\0:000000 100644 {zero} bb A\0new\0:100644 100755 aa {zero} M\0m\0"
    );
    let edits = read_diff(diff.as_bytes()).unwrap();
    assert_eq!(edits["gone"].after, None);
    assert_eq!(edits["new"].before, None);
    let mode = edits["m"].after.as_ref().unwrap();
    assert_eq!((mode.kind, &mode.id), (Kind::File { executable: true }, &None));
    let conflict = format!(":000000 000000 {zero} {zero} U\0m\0:100644 100644 aa {zero} M\0m\0");
    assert_eq!(read_diff(conflict.as_bytes()).unwrap().len(), 1);
    let dirty = ":160000 160000 aa aa M\0s\0";
    assert_eq!(read_diff(dirty.as_bytes()).unwrap()["s"].after.as_ref().unwrap().id, None);
    let untracked: Tree =
        read_untracked(b"a\0nested/\0").into_iter().map(|(path, edit)| (path, edit.after.unwrap())).collect();
    assert_eq!(untracked["nested"].kind, Kind::Submodule);
    for wrong in [&b"100644 blob aa"[..], b"x\ty", b"999999 blob aa\tx"] {
        assert!(read_tree(wrong).is_err(), "{wrong:?}");
    }
    for wrong in [&b":100644 100644 aa bb M"[..], b"100644 100644 aa bb M\0x", b":1 2 3\0x"] {
        assert!(read_diff(wrong).is_err(), "{wrong:?}");
    }
}
