//! Finds the crates that keys are made with: those that `drive` is made of, but for those whose Cargo.toml says that no
//! key depends on them.
#![allow(clippy::disallowed_methods, reason = "the crates are there when this one is compiled")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// The crate that measures units.
const ROOT: &str = "drive";
/// What a crate says that is apart from keys.
const APART: &str = "keys = false";

fn main() -> Result<(), Box<dyn Error>> {
    let mut manifests = BTreeMap::new();
    for entry in fs::read_dir("..")? {
        let file = entry?.path().join("Cargo.toml");
        println!("cargo::rerun-if-changed={}", file.display());
        if let Some(name) = file.parent().and_then(Path::file_name).and_then(|name| name.to_str()) {
            manifests.insert(name.to_owned(), fs::read_to_string(&file)?);
        }
    }
    // A crate more or less is a change of this.
    println!("cargo::rerun-if-changed=../../../Cargo.toml");
    let is_apart =
        |name: &str| manifests.get(name).is_some_and(|text| text.lines().any(|line| line == APART));
    let (mut keyed, mut open) = (BTreeSet::new(), vec![ROOT]);
    while let Some(name) = open.pop() {
        keyed.insert(name);
        let needs = dependencies(&manifests[name]).filter(|other| manifests.contains_key(*other));
        for other in needs.filter(|other| !keyed.contains(other)).collect::<Vec<_>>() {
            match is_apart(other) {
                true if name == ROOT => {}
                true => {
                    return Err(format!("{name} feeds keys, and needs {other}, which says `{APART}`").into());
                }
                false => open.push(other),
            }
        }
    }
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("keyed.rs"),
        format!("&{:?}", keyed.iter().collect::<Vec<_>>()),
    )?;
    Ok(())
}

/// The names below `[dependencies]`.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    let section = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    section.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split(['.', ' ', '=']).next())
}
