//! What a backend's Makefile brings into the tree, and the Makefiles that it copies.

use super::makefile::{Fetch, Makefile, in_tree};
use super::tree::Tree;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};

/// What a backend's Makefile, and those that it copies, bring into the tree.
#[derive(Default)]
pub(super) struct Fetched {
    pub trees: BTreeMap<Utf8PathBuf, Fetch>,
    pub other: Vec<String>,
    /// Directories beside its own that it reads.
    pub beside: BTreeSet<Utf8PathBuf>,
}

/// Reads the Makefile of a directory, if it has one.
pub(super) fn fetched(tree: &Tree<'_>, dir: &Utf8Path) -> Fetched {
    let mut found = Fetched::default();
    let Some(text) = tree.text(&dir.join("Makefile")) else { return found };
    let own = Makefile::read(&text, &[]);
    let mut add = |from: &Utf8Path, makefile: &Makefile| {
        let fetches = makefile.fetches();
        for fetch in fetches.trees {
            found.trees.entry(in_tree(from, &fetch.dir)).or_insert(fetch);
        }
        found.other.extend(fetches.other);
        found.other.sort();
        found.other.dedup();
    };
    add(dir, &own);
    let passed = own.passed_on();
    let near =
        own.neighbours().into_iter().map(|path| in_tree(dir, &path)).filter(|path| !path.starts_with(dir));
    for beside in near {
        let Some(place) = beside.ancestors().find(|above| tree.has(&above.join("Makefile"))) else {
            continue;
        };
        // What lies no deeper than a backend does is none of its neighbours.
        if place.components().count() < 3 || !found.beside.insert(place.to_owned()) {
            continue;
        }
        let Some(text) = tree.text(&place.join("Makefile")).filter(|_| !passed.is_empty()) else { continue };
        let makefile = Makefile::read(&text, &passed);
        let fetches = makefile.fetches();
        for fetch in fetches.trees {
            found.trees.entry(in_tree(place, &fetch.dir)).or_insert(fetch);
        }
    }
    found
}
