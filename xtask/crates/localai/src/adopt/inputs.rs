//! What a backend's steps read: its own directory, its neighbours, and every script that a script names.

use super::golang;
use super::shell::joined;
use super::tree::Tree;
use camino::{Utf8Path, Utf8PathBuf};
use model::backend::LICENSE;
use plan::proto::CONTRACT;
use std::collections::BTreeSet;

/// Globs by key, as a manifest has them.
pub(super) type Globs = Vec<(&'static str, Vec<String>)>;

/// The texts of its scripts and of those that it shares.
pub(super) fn texts(tree: &Tree<'_>, inputs: &Globs) -> Vec<String> {
    let globs = inputs.iter().filter(|(key, _)| *key == "include").flat_map(|(_, globs)| globs);
    let places = globs.map(|glob| Utf8Path::new(glob.trim_end_matches("/**")));
    let files = places.flat_map(|place| tree.below(place)).filter(|path| is_script(path));
    files.filter_map(|path| tree.text(path)).collect()
}

/// Globs of what a recipe of C++ or Go reads: no script, and nothing for one.
pub(super) fn natively(tree: &Tree<'_>, dir: &Utf8Path, is_go: bool) -> Globs {
    let mut include = vec![CONTRACT.to_owned(), LICENSE.to_owned(), format!("{dir}/**")];
    if is_go {
        include.extend(golang::inputs(tree, dir));
    }
    include.retain(|glob| glob.contains('*') || tree.has(Utf8Path::new(glob)));
    include.sort();
    let unread = ["backend.yaml", "Makefile", "*.sh", "**/*.md", "**/*_test.go"];
    vec![("include", include), ("exclude", unread.map(|glob| format!("{dir}/{glob}")).to_vec())]
}

/// Globs of what the steps read.
pub(super) fn inputs(
    tree: &Tree<'_>,
    dir: &Utf8Path,
    steps: &[Vec<String>],
    beside: &BTreeSet<Utf8PathBuf>,
) -> Globs {
    let mut include = BTreeSet::from([CONTRACT.to_owned(), LICENSE.to_owned(), format!("{dir}/**")]);
    include.extend(beside.iter().map(|path| format!("{path}/**")));
    if dir.starts_with("backend/go") {
        include.extend(golang::inputs(tree, dir));
    }
    let mut open: Vec<Utf8PathBuf> = Vec::new();
    for word in steps.iter().flatten() {
        let path = joined("".into(), word.trim_end_matches("/."));
        if tree.has(&path) {
            open.push(path);
        } else if path != ""
            && !path.starts_with(dir)
            && path.components().count() > 1
            && tree.below(&path).next().is_some()
        {
            include.insert(format!("{path}/**"));
        }
    }
    open.extend(tree.within(dir).filter(|path| is_script(path)).map(Utf8Path::to_owned));
    let mut seen = BTreeSet::new();
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        if !path.starts_with(dir) {
            include.insert(path.to_string());
        }
        open.extend(named_scripts(tree, &tree.text(&path).unwrap_or_default()));
    }
    let mut exclude = vec![format!("{dir}/backend.yaml"), format!("{dir}/**/*.md")];
    if dir.as_str().contains("/go/") {
        exclude.push(format!("{dir}/**/*_test.go"));
    }
    include.retain(|glob| glob.contains('*') || tree.has(Utf8Path::new(glob)));
    vec![("include", include.into_iter().collect()), ("exclude", exclude)]
}

fn is_script(path: &Utf8Path) -> bool {
    path.extension() == Some("sh") || matches!(path.file_name(), Some("Makefile" | "CMakeLists.txt"))
}

/// Scripts of the tree that a text names by their path from its root, whatever stands before.
fn named_scripts<'t>(tree: &'t Tree<'_>, text: &'t str) -> impl Iterator<Item = Utf8PathBuf> + use<'t> {
    let ends = |c: char| c.is_whitespace() || "\"'`;()".contains(c);
    let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let words = code
        .flat_map(move |line| line.split(ends))
        .filter(|word| Utf8Path::new(word).extension() == Some("sh"));
    let found = words.filter_map(|word| {
        let word = word.rsplit_once("../").map_or(word, |(_, rest)| rest);
        let word = word.find('}').map_or(word, |at| &word[at + 1..]).trim_start_matches('/');
        Some(Utf8PathBuf::from(word)).filter(|path| path.components().count() > 1 && tree.has(path))
    });
    found.collect::<Vec<_>>().into_iter()
}
