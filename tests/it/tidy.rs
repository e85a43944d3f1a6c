//! House rules that no compiler checks: headers, lengths, arrows between crates, words that must not occur.

use crate::checkout::repository;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

const LONGEST: usize = 400;

/// Files of the repository with their texts; binary ones are left out.
fn files() -> BTreeMap<String, String> {
    let root = repository();
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output();
    let listed = match listed {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).unwrap(),
        // An archive of the repository rather than a clone.
        _ => walk(&root),
    };
    let files: BTreeMap<String, String> = listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .filter_map(|path| Some((path.to_owned(), fs::read_to_string(root.join(path)).ok()?)))
        .collect();
    assert!(files.len() > 100, "only {} files", files.len());
    files
}

fn walk(root: &Path) -> String {
    walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "target")
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(root).unwrap().display().to_string())
        .collect::<Vec<_>>()
        .join("\0")
}

fn rust() -> impl Iterator<Item = (String, String)> {
    files().into_iter().filter(|(path, _)| Path::new(path).extension().is_some_and(|end| end == "rs"))
}

/// Fails with every line of `found`.
fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_file_begins_by_saying_what_it_is() {
    let found: Vec<String> = rust()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| format!("{path}: expected `//! ` in the first line"))
        .collect();
    none(&found);
}

#[test]
fn no_file_is_too_long_to_be_read() {
    let found: Vec<String> = rust()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| format!("{path}: {lines} lines, expected at most {LONGEST}; split it"))
        .collect();
    none(&found);
}

/// The crates of this repository that each may depend on, tests included.
fn arrows() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    BTreeMap::from([
        ("client", BTreeSet::new()),
        ("entry", BTreeSet::new()),
        ("curl", BTreeSet::new()),
        ("exec", BTreeSet::from(["plan"])),
        ("fetch", BTreeSet::from(["curl", "plan"])),
        ("launcher", BTreeSet::new()),
        ("pack", BTreeSet::from(["launcher", "plan"])),
        ("plan", BTreeSet::new()),
        ("registry", BTreeSet::from(["curl", "plan"])),
        ("store", BTreeSet::new()),
        ("workflows", BTreeSet::new()),
    ])
}

#[test]
fn dependencies_between_crates_point_one_way() {
    let arrows = arrows();
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, text) in files() {
        let Some(name) = path.strip_prefix("xtask/crates/").and_then(|p| p.strip_suffix("/Cargo.toml"))
        else {
            continue;
        };
        seen.insert(name.to_owned());
        let Some(allowed) = arrows.get(name) else {
            found.push(format!("{path}: say in this test what `{name}` may depend on"));
            continue;
        };
        for other in arrows.keys().filter(|other| **other != name && !allowed.contains(*other)) {
            if text.lines().any(|line| line.split(['.', ' ', '=']).next() == Some(other)) {
                found.push(format!("{path}: {name} must not depend on {other}"));
            }
        }
    }
    none(&found);
    assert_eq!(seen, arrows.keys().map(|name| (*name).to_owned()).collect());
}

#[test]
fn the_archived_yaml_crate_is_named_in_one_file() {
    let name = ["serde", "yaml"].join("_");
    let found: Vec<String> = rust()
        .filter(|(path, text)| path != "xtask/crates/plan/src/manifest/raw.rs" && text.contains(&name))
        .map(|(path, _)| format!("{path}: {name} is for manifest/raw.rs alone"))
        .collect();
    none(&found);
}

#[test]
fn nothing_is_named_that_belongs_to_one_machine_or_one_registry() {
    // Put together here, so that this file does not hold them.
    let needles: Vec<String> = [
        ["py", "pi.org"],
        ["files.python", "hosted.org"],
        ["index.", "crates.io"],
        ["static.", "crates.io"],
        ["https://", "crates.io"],
        ["proxy.", "golang.org"],
        ["sum.", "golang.org"],
        ["deb.", "debian.org"],
        ["registry.", "npmjs.org"],
        ["/wo", "rk/"],
    ]
    .iter()
    .map(|parts| parts.concat())
    .collect();
    let mut found = Vec::new();
    for (path, text) in files() {
        // Written by package managers.
        if path.ends_with("Cargo.lock") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for needle in needles.iter().filter(|needle| names(line, needle)) {
                found.push(format!("{path}:{}: names {needle}", number + 1));
            }
        }
    }
    none(&found);
}

/// Whether the line names the host or directory, rather than a longer one that holds it.
fn names(line: &str, needle: &str) -> bool {
    line.match_indices(needle).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "}-_.)$".contains(c))
    })
}

#[test]
fn nothing_is_left_to_do_by_nobody() {
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    let mut found = Vec::new();
    for (path, text) in files() {
        let code = ["rs", "py", "go", "cpp", "h", "sh", "cmake", "yaml", "yml", "toml"];
        if !Path::new(&path).extension().is_some_and(|end| code.iter().any(|known| end == *known)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for mark in &marks {
                let owned = line.contains(&format!("{mark}("));
                if !owned && line.split(|c: char| !c.is_alphanumeric()).any(|word| word == mark) {
                    found.push(format!("{path}:{}: {mark} without an owner", number + 1));
                }
            }
        }
    }
    none(&found);
}
