//! Edits of what makes keys of manifests, and that the list of it is right.

use super::repository::Repository;
use crate::checkout::repository;
use ci::affected::{APART, feeds_planning};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[test]
fn where_the_planner_differs_the_registry_is_all_that_can_tell() {
    let repository = Repository::new();
    for (file, evidence) in [
        ("xtask/crates/ui/src/lib.rs", "keys"),
        ("xtask/crates/oci/src/lib.rs", "keys"),
        ("xtask/crates/ci/src/matrix/mod.rs", "keys"),
        ("xtask/crates/plan/src/recipe/go.rs", "everything"),
        ("xtask/crates/launcher/src/main.rs", "everything"),
        ("Cargo.lock", "everything"),
    ] {
        repository.git(&["reset", "--quiet", "--hard"]);
        repository.write(file, "//! New.\n");
        let answer = repository.affected(&["--base", "HEAD"]);
        assert_eq!(answer.evidence, evidence, "{file}: {answer:?}");
        assert_eq!(answer.units.len(), if evidence == "keys" { 0 } else { 10 }, "{file}");
        fs::remove_file(repository.checkout.root.join(file)).unwrap();
    }
    repository.write("xtask/crates/plan/src/key.rs", "//! New.\n");
    repository.write("backend/go/local-store/main.go", "package main // new\n");
    let said = repository.run(&["affected", "--base", "HEAD"]);
    assert!(said.out.contains("its own planner gave are unknown"), "{said:?}");
    assert!(said.out.contains("local-store: all variants") && !said.out.contains("minilm"), "{said:?}");
    assert!(said.err.contains("all 10 units may be touched"), "{said:?}");
}

/// Modules of a crate that each of its modules names.
fn uses(source: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let top = |path: &Path| {
        let name = path.strip_prefix(source).unwrap().iter().next().unwrap().to_str().unwrap().to_owned();
        name.strip_suffix(".rs").unwrap_or(&name).to_owned()
    };
    let files: Vec<_> = walkdir::WalkDir::new(source)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect();
    let modules: BTreeSet<String> = files.iter().map(|path| top(path)).collect();
    let mut uses = BTreeMap::<String, BTreeSet<String>>::new();
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        // Tests reach no key.
        let text = text.split("#[cfg(test)]").next().unwrap();
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let own = top(path);
        // The parent of a module below the top is another such module, or its own one.
        let depth = path.strip_prefix(source).unwrap().iter().count();
        let is_top = depth == 1 || (depth == 2 && path.ends_with("mod.rs"));
        let above = if is_top { "super::" } else { "super::super::" };
        for (at, path) in code.match_indices("crate::").chain(code.match_indices(above)) {
            let rest = &code[at + path.len()..];
            // Of a group every name, however deep: too many are no harm here.
            let named =
                if rest.starts_with('{') { rest.split(';').next() } else { rest.split([':', ';']).next() };
            for name in named.unwrap().split(|c: char| !c.is_alphanumeric() && c != '_') {
                if modules.contains(name) && name != own {
                    uses.entry(own.clone()).or_default().insert(name.to_owned());
                }
            }
        }
    }
    uses
}

#[test]
fn nothing_that_is_held_apart_from_keys_reaches_one() {
    let roots = BTreeMap::from([
        ("exec", vec!["facts", "host", "tools"]),
        ("plan", vec!["container", "key", "proto", "published", "recipe", "toolchain"]),
        ("store", vec!["digest", "glob", "inputs"]),
    ]);
    for (krate, apart) in APART.iter().filter(|(_, apart)| !apart.is_empty()) {
        let uses = uses(&repository().join("xtask/crates").join(krate).join("src"));
        let mut reached: BTreeSet<String> = roots[krate].iter().map(|root| (*root).to_owned()).collect();
        let mut open: Vec<String> = reached.iter().cloned().collect();
        while let Some(module) = open.pop() {
            for next in uses.get(&module).into_iter().flatten() {
                if reached.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        assert!(reached.len() > roots[krate].len() || *krate == "exec", "{krate}: {reached:?}");
        for module in *apart {
            assert!(!reached.contains(*module), "{krate}: keys can reach `{module}`; take it from the list");
        }
    }
}

#[test]
fn crates_that_are_held_apart_are_not_compiled_into_those_that_make_keys() {
    let keyed: BTreeSet<&str> = APART.iter().map(|(name, _)| *name).collect();
    for name in &keyed {
        let file = repository().join("xtask/crates").join(name).join("Cargo.toml");
        let text = fs::read_to_string(file).unwrap();
        let dependencies = text.split("[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies.split("\n[").next().unwrap();
        for line in dependencies.lines() {
            let other = line.split(['.', ' ', '=']).next().unwrap_or_default();
            let ours = repository().join("xtask/crates").join(other).is_dir() && !other.is_empty();
            assert!(
                !ours || keyed.contains(other),
                "{name} depends on {other}, which is not known to feed keys"
            );
        }
    }
    for file in [
        "xtask/crates/drive/src/make/measure.rs",
        "xtask/crates/drive/src/make/census.rs",
        "xtask/crates/drive/src/repo.rs",
    ] {
        assert!(repository().join(file).is_file() && feeds_planning(file), "{file}");
    }
}
