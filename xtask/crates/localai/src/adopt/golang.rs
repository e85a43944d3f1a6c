//! What a Go backend is compiled of outside of its own directory: the packages of its module that it imports.

use super::shell::joined;
use super::tree::Tree;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;

/// Globs of the files of `dir`'s module that a build of it reads, its own directory left out; none outside of a module.
pub(super) fn inputs(tree: &Tree<'_>, dir: &Utf8Path) -> Vec<String> {
    let Some(root) = dir.ancestors().find(|above| tree.has(&above.join("go.mod"))) else { return Vec::new() };
    let text = tree.text(&root.join("go.mod")).unwrap_or_default();
    let module = text.lines().find_map(|line| line.strip_prefix("module ")).unwrap_or_default().trim();
    let mut found: Vec<String> = ["go.mod", "go.sum"]
        .into_iter()
        .map(|name| root.join(name))
        .filter(|path| !path.starts_with(dir) && tree.has(path))
        .map(Utf8PathBuf::into_string)
        .collect();
    let mut seen: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    let mut open: Vec<Utf8PathBuf> = tree
        .below(dir)
        .filter(|path| is_source(path))
        .filter_map(|path| path.parent().map(Utf8Path::to_owned))
        .collect();
    while let Some(package) = open.pop() {
        if !seen.insert(package.clone()) {
            continue;
        }
        let own = package.starts_with(dir);
        let mut any = false;
        for path in tree.within(&package).filter(|path| is_source(path)) {
            any = true;
            let text = tree.text(path).unwrap_or_default();
            for import in imports(&text) {
                let Some(inside) = import.strip_prefix(module).and_then(|rest| rest.strip_prefix('/')) else {
                    continue;
                };
                open.push(joined(root, inside));
            }
            let embedded = embeds(&text).filter(|_| !own);
            found.extend(embedded.map(|pattern| {
                let path = package.join(pattern);
                if tree.below(&path).next().is_some_and(|first| first != path) {
                    format!("{path}/**")
                } else {
                    path.into()
                }
            }));
        }
        if !own && any {
            found.push(format!("{package}/*.go"));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn is_source(path: &Utf8Path) -> bool {
    path.extension() == Some("go") && !path.file_name().unwrap_or_default().ends_with("_test.go")
}

/// The import paths of a file, those of a program for another system included.
fn imports(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if inside && line.starts_with(')') {
            inside = false;
        } else if line.starts_with("import (") {
            inside = true;
        } else if inside || line.starts_with("import ") {
            found.extend(line.split('"').nth(1));
        } else if line.starts_with("func ") || line.starts_with("type ") {
            break;
        }
    }
    found
}

fn embeds(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("//go:embed "));
    lines.flat_map(str::split_whitespace).map(|pattern| pattern.trim_start_matches("all:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn packages_are_followed_through_the_module_and_no_further() {
        let files = BTreeMap::from([
            ("go.mod", "module e.org/m\n\ngo 1.25\n"),
            ("go.sum", ""),
            ("backend/go/a/main.go", "package main\n\nimport (\n\t\"fmt\"\n\tgrpc \"e.org/m/pkg/grpc\"\n)\n"),
            ("backend/go/a/sub/sub.go", "package sub\nimport \"e.org/m/pkg/data\"\n"),
            ("backend/go/a/main_test.go", "package main\nimport \"e.org/m/pkg/tested\"\n"),
            ("pkg/grpc/server.go", "package grpc\nimport \"e.org/m/pkg/grpc/base\"\n"),
            (
                "pkg/grpc/base/base.go",
                "package base\nimport \"e.org/mother/x\"\nfunc f() { g(\"import \\\"e.org/m/pkg/no\\\"\") }\n",
            ),
            ("pkg/data/data.go", "package data\n//go:embed files words.txt\nvar x embed.FS\n"),
            ("pkg/data/files/1", ""),
            ("pkg/tested/t.go", "package tested\n"),
        ]);
        let read = |path: &Utf8Path| files.get(path.as_str()).map(|text| (*text).to_owned());
        let tree = Tree {
            files: files.keys().map(Utf8PathBuf::from).collect(),
            submodules: BTreeMap::new(),
            read: &read,
        };
        assert_eq!(
            inputs(&tree, Utf8Path::new("backend/go/a")),
            [
                "go.mod",
                "go.sum",
                "pkg/data/*.go",
                "pkg/data/files/**",
                "pkg/data/words.txt",
                "pkg/grpc/*.go",
                "pkg/grpc/base/*.go"
            ]
        );
    }
}
