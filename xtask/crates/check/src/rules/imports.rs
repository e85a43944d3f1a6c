//! Rule: modules import from below, as data flows.

use crate::read::spots;
use crate::{Found, Repository, Rule};
use camino::Utf8Path;

pub(super) const RULE: Rule = Rule {
    name: "imports",
    meaning: "modules import what stands below them: commands above builds, the matrix above plans, plans above words",
    source: "docs/architecture.md, \"One way through\"",
    run,
};

/// Modules of a crate from the top down.
struct Layers {
    /// Where the crate's sources are.
    sources: &'static str,
    /// Each list may import from lists below it, and within itself. A module in none of them stands with the star.
    lists: &'static [&'static [&'static str]],
}

const LAYERS: [Layers; 2] = [
    Layers {
        sources: "xtask/src/",
        lists: &[
            &["commands"],
            &["publish", "images"],
            &["*", "build", "container", "bake"],
            &["session"],
            &["ui"],
            &["cli"],
            &["scaffold"],
            &["repo"],
            &["exit", "print", "shown"],
        ],
    },
    Layers {
        sources: "xtask/crates/plan/src/",
        lists: &[
            &["audit", "import", "matrix", "queue", "results", "select"],
            &["lower", "units"],
            &["recipe"],
            // The rules of the filter are a manifest too.
            &["filter", "manifest", "outputs"],
            &["*"],
        ],
    },
];

fn run(repository: &Repository<'_>, found: &mut Found) {
    for layers in &LAYERS {
        for (file, text) in repository.below(layers.sources, &[".rs"]) {
            let Some(module) = module(file, layers.sources) else { continue };
            let own = layers.height(&module);
            for (number, line) in spots::numbered(text) {
                if line.trim_start().starts_with("#[cfg(test)]") {
                    break;
                }
                for (at, name) in imported(line) {
                    if name != module && layers.height(name) > own {
                        let spot = spots::within(number, line, at, at + name.len());
                        let message = format!("`{module}` imports `{name}`, which stands above it");
                        let help = "move what both need down, or hand it in as an argument";
                        found.add(file, spot, message, help);
                    }
                }
            }
        }
    }
}

impl Layers {
    /// How high a module stands.
    fn height(&self, module: &str) -> usize {
        let list = |module: &str| self.lists.iter().rposition(|list| list.contains(&module));
        let index = list(module).or_else(|| list("*"));
        self.lists.len() - index.unwrap_or_default()
    }
}

/// The module of the crate's root that a file belongs to; none for the root itself and for tests.
fn module(file: &Utf8Path, sources: &str) -> Option<String> {
    let rest = file.as_str().strip_prefix(sources)?;
    let first = rest.split('/').next()?.trim_end_matches(".rs");
    let is_test = first == "testing" || rest.ends_with("/tests.rs") || rest.contains("/tests/");
    (!is_test && first != "lib" && first != "main").then(|| first.to_owned())
}

/// The modules behind `crate::` in a line, and where they stand.
fn imported(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    if line.trim_start().starts_with("//") {
        return found;
    }
    for (at, prefix) in line.match_indices("crate::") {
        let start = at + prefix.len();
        let rest = &line[start..];
        let group = rest.strip_prefix('{').map(|group| group.split('}').next().unwrap_or(group));
        let Some(group) = group else {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            found.push((start, &rest[..end]));
            continue;
        };
        let mut offset = start + 1;
        for part in group.split(',') {
            let name = part.trim_start();
            let lead = part.len() - name.len();
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            found.push((offset + lead, &name[..end]));
            offset += part.len() + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_alone_and_in_groups() {
        let names = |line| imported(line).into_iter().map(|(_, name)| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(names("use crate::build::{A, B};"), ["build"]);
        assert_eq!(names("use crate::{cli, repo::root};"), ["cli", "repo"]);
        assert_eq!(names("    crate::ui::human(crate::exit::X)"), ["ui", "exit"]);
        assert!(names("//! crate::build").is_empty());
        assert_eq!(imported("use crate::{cli, repo};")[1].0, 17);
    }
}
