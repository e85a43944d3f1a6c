//! Generated histories: a unit is touched exactly if its key changed, as found by checking both revisions out.

use super::repository::Repository;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Files that are written, removed, renamed and made executable: inputs of one, of several, of none.
const FILES: [&str; 10] = [
    "backend/cpp/llama-cpp/src/main.cpp",
    "backend/cpp/llama-cpp/README.md",
    "backend/cpp/llama-cpp/new/deep/file.h",
    "backend/go/local-store/main.go",
    "backend/python/common/runtime/serve.py",
    "backend/python/minilm/ünï.py",
    "backend/backend.proto",
    "docs/guide.md",
    "docker/Dockerfile.golang",
    // Is always there.
    BASELINE,
];
const BASELINE: &str = "backend/baseline.proto";

/// A text of a manifest, and another that may stand there.
const FIELDS: [(&str, &str, &str); 8] = [
    ("backend/cpp/llama-cpp/backend.yaml", "\"ON\"", "\"OFF\""),
    ("backend/cpp/llama-cpp/backend.yaml", "Text generation", "Words"),
    ("backend/cpp/llama-cpp/backend.yaml", "**/*.md", "*.md"),
    ("backend/cpp/llama-cpp/backend.yaml", "**/*.md", "src/**"),
    ("backend/go/local-store/backend.yaml", "cpu: [linux/amd64, linux/arm64]", "cpu: [linux/arm64]"),
    ("backend/sources.yaml", "2222", "3333"),
    ("backend/variants.yaml", "refresh: ", "# A remark.\nrefresh: "),
    ("backend/patches/llama.cpp/one.patch", "int b", "int c"),
];

#[derive(Debug, Clone)]
enum Step {
    Write(usize, u8),
    Remove(usize),
    Rename(usize, usize),
    Mode(usize, bool),
    Field(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let file = || 0..FILES.len() - 1;
    prop_oneof![
        3 => (0..FILES.len(), 0..4_u8).prop_map(|(file, text)| Step::Write(file, text)),
        1 => file().prop_map(Step::Remove),
        1 => (file(), file()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => (file(), any::<bool>()).prop_map(|(file, on)| Step::Mode(file, on)),
        3 => (0..FIELDS.len()).prop_map(Step::Field),
    ]
}

/// Texts of a file. Of the contract some add to others, and some sources name what is added.
fn text(file: &str, number: u8) -> String {
    let proto = |message: &str| format!("syntax = \"proto3\";\n{message}\n");
    match file {
        "backend/backend.proto" | BASELINE => match number {
            0 => proto("message M {}"),
            3 => proto("message Other {}"),
            _ => proto(&format!("message M {{}} message Extra {{ int32 x = {number}; }}")),
        },
        "docker/Dockerfile.golang" => format!("# {number}\nFROM scratch AS x{}\n", number / 2),
        _ if number == 3 => "an Extra\n".to_owned(),
        _ => format!("{number}\n"),
    }
}

fn apply(repository: &Repository, step: &Step) {
    let path = |file: usize| repository.checkout.root.join(FILES[file]);
    match *step {
        Step::Write(file, number) => repository.write(FILES[file], &text(FILES[file], number)),
        // Where there is none there is nothing to remove or to change.
        Step::Remove(file) => drop(fs::remove_file(path(file))),
        Step::Rename(from, to) if path(from).exists() => {
            fs::create_dir_all(path(to).parent().unwrap()).unwrap();
            fs::rename(path(from), path(to)).unwrap();
        }
        Step::Rename(..) => {}
        Step::Mode(file, on) => {
            let mode = if on { 0o755 } else { 0o644 };
            let _ = fs::set_permissions(path(file), fs::Permissions::from_mode(mode));
        }
        Step::Field(field) => {
            let (file, one, other) = FIELDS[field];
            let text = repository.checkout.read(file);
            let new = if text.contains(other) {
                text.replacen(other, one, 1)
            } else {
                text.replacen(one, other, 1)
            };
            repository.write(file, &new);
        }
    }
}

#[test]
fn a_unit_is_touched_exactly_if_its_key_changed() {
    let repository = Repository::new();
    repository.write(BASELINE, &text(BASELINE, 0));
    let fixture = repository.commit();
    let steps = || proptest::collection::vec(step(), 0..4);
    let config = Config { cases: 16, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let histories = (steps(), steps(), any::<bool>());
    let tested = TestRunner::new(config).run(&histories, |(before, after, commit)| {
        repository.git(&["checkout", "--quiet", "--force", "--detach", &fixture]);
        repository.git(&["clean", "--quiet", "-fdx"]);
        for step in &before {
            apply(&repository, step);
        }
        let (base, keys_before) = (repository.commit(), repository.keys());
        for step in &after {
            apply(&repository, step);
        }
        let keys = repository.keys();
        let answer = if commit {
            let head = repository.commit();
            repository.affected(&["--base", &base, "--head", &head])
        } else {
            repository.affected(&["--base", &base])
        };
        prop_assert_eq!(&answer.evidence, "keys");
        for (unit, key) in &keys {
            let changed = keys_before.get(unit) != Some(key);
            prop_assert_eq!(answer.units.contains_key(unit), changed, "{}: {:?}", unit, &answer);
        }
        for unit in answer.units.keys().filter(|unit| !unit.contains(" darwin/")) {
            prop_assert!(keys.contains_key(unit), "{} is not published", unit);
        }
        Ok(())
    });
    tested.unwrap();
}
