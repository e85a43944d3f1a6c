//! What a Makefile fetches: trees by git, and files that nothing vouches for.

use super::shell::{Command, commands, is_name, joined};
use super::words::{Words, is_open};
use camino::{Utf8Path, Utf8PathBuf};
use model::source::Commit;
use std::collections::BTreeMap;

/// A tree that a rule fetches with git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fetch {
    /// Where to, from the Makefile's directory.
    pub dir: Utf8PathBuf,
    /// Clone URL.
    pub url: String,
    /// What is checked out.
    pub commit: Commit,
    /// With its submodules.
    pub submodules: bool,
}

/// What a Makefile says.
#[derive(Debug, Default)]
pub(super) struct Makefile {
    words: Words,
    targets: Vec<String>,
    commands: Vec<Command>,
    raw: Vec<String>,
}

/// What its rules bring into the tree.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fetches {
    /// Trees at commits.
    pub trees: Vec<Fetch>,
    /// What is downloaded otherwise, as it is written.
    pub other: Vec<String>,
}

impl Makefile {
    /// Reads a Makefile, with variables that whoever calls it sets.
    pub fn read(text: &str, given: &[(String, String)]) -> Self {
        let mut made = Self::default();
        for (name, value) in given {
            made.words.set(name, value);
        }
        let text = text.replace("\\\n", " ");
        for line in text.lines() {
            if let Some(recipe) = line.strip_prefix('\t') {
                made.raw.push(recipe.to_owned());
            } else if let Some((name, value)) = assignment(line) {
                made.words.add(name, &own_place(value));
            } else if let Some((targets, _)) = line.split_once(':').filter(|_| !line.starts_with(['#', '.']))
            {
                made.targets.extend(targets.split_whitespace().map(str::to_owned));
            }
        }
        made.words.set("CURDIR", ".");
        made.commands = made.raw.iter().flat_map(|line| commands(line, &made.words)).collect();
        made
    }

    /// Whether it has a rule of that name.
    pub fn has(&self, target: &str) -> bool {
        self.targets.iter().any(|known| known == target)
    }

    /// What its rules run, in order.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.commands.iter()
    }

    /// Directories beside its own that its rules name, such as a tree that it copies.
    pub fn neighbours(&self) -> Vec<Utf8PathBuf> {
        let words = self.commands.iter().flat_map(|command| &command.argv);
        let mut found: Vec<Utf8PathBuf> = words
            .filter(|word| word.contains("../") && !is_open(word))
            .map(|word| joined("".into(), word))
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// What it sets for the Makefiles that it calls.
    pub fn passed_on(&self) -> Vec<(String, String)> {
        let calls = self.commands.iter().filter(|one| one.argv[0] == "$(MAKE)" || one.argv[0] == "make");
        calls.flat_map(|one| one.assigned.iter().filter(|(_, value)| !is_open(value)).cloned()).collect()
    }

    /// What its rules fetch.
    pub fn fetches(&self) -> Fetches {
        let mut trees: BTreeMap<Utf8PathBuf, (Option<String>, Option<Commit>, bool)> = BTreeMap::new();
        let mut other = Vec::new();
        for Command { dir, argv, .. } in &self.commands {
            let words: Vec<&str> = argv.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["git", "clone", rest @ ..] => {
                    let plain: Vec<&str> = positional(rest);
                    let Some(url) = plain.first() else { continue };
                    let name = url.rsplit('/').next().unwrap_or(url);
                    let to = plain.get(1).copied().unwrap_or(name.strip_suffix(".git").unwrap_or(name));
                    let tree = trees.entry(joined(dir, to)).or_default();
                    tree.0 = Some((*url).to_owned());
                    tree.2 |= rest.iter().any(|word| word.starts_with("--recur"));
                }
                ["git", "remote", "add", _, url] => {
                    trees.entry(dir.clone()).or_default().0 = Some((*url).to_owned());
                }
                ["git", "checkout" | "fetch" | "reset", rest @ ..] => {
                    let commit = rest.iter().rev().find_map(|word| word.parse::<Commit>().ok());
                    if let (Some(commit), Some(tree)) = (commit, trees.get_mut(dir)) {
                        tree.1 = Some(commit);
                    }
                }
                ["git", "submodule", "update", ..] => {
                    trees.entry(dir.clone()).and_modify(|tree| tree.2 = true);
                }
                ["curl" | "wget", rest @ ..] => {
                    other.extend(
                        rest.iter().filter(|word| word.contains("://")).map(|word| (*word).to_owned()),
                    );
                }
                [.., "pip" | "pip3", "install", package] => other.push(format!("pip: {package}")),
                _ => {}
            }
        }
        let mut found = Fetches { trees: Vec::new(), other };
        for (dir, (url, commit, submodules)) in trees {
            match (url, commit) {
                (Some(url), Some(commit)) if !is_open(&url) => {
                    found.trees.push(Fetch { dir, url, commit, submodules });
                }
                (Some(url), _) => found.other.push(format!("git: {url}")),
                (None, _) => {}
            }
        }
        found
    }
}

/// Words of a command that are neither an option nor the value of one that has one.
fn positional<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "-b" | "--branch" | "--depth" | "-j" | "--jobs" => {
                words.next();
            }
            option if option.starts_with('-') => {}
            plain => found.push(plain),
        }
    }
    found
}

/// The name and value of a line that sets a variable.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start().trim_start_matches("export ");
    let (left, value) = line.split_once('=')?;
    let name = left.trim_end_matches([':', '?', '!']).trim();
    (is_name(name) && !left.ends_with('+')).then(|| (name, value.trim()))
}

/// A value that makes a Makefile's own directory of what make knows about it.
fn own_place(value: &str) -> String {
    if value.contains("MAKEFILE_LIST") || value.starts_with("$(abspath ") || value.starts_with("$(realpath ")
    {
        ".".to_owned()
    } else {
        value.to_owned()
    }
}

/// A path of the tree, from a Makefile's directory.
pub(super) fn in_tree(dir: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    joined(dir, path.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn fetched(text: &str, given: &[(String, String)]) -> Vec<String> {
        let text = text.replace("COMMIT", COMMIT);
        let Fetches { trees, other } = Makefile::read(&text, given).fetches();
        let tree = |one: Fetch| format!("{} {} {}", one.dir, one.url, one.submodules);
        trees.into_iter().map(tree).chain(other).collect()
    }

    #[test]
    fn a_tree_is_found_however_it_is_fetched() {
        let init = "URL?=https://e.org/a\nAT?=COMMIT\nsources/a:\n\tmkdir -p sources/a\n\tcd sources/a && \\\n\tgit init && \\\n\tgit remote add origin $(URL) && \\\n\tgit fetch --depth 1 origin $(AT) && \\\n\tgit checkout FETCH_HEAD && \\\n\tgit submodule update --init\n";
        assert_eq!(fetched(init, &[]), ["sources/a https://e.org/a true"]);
        let clone = "AT=COMMIT\nx:\n\tgit clone --depth 1 https://e.org/b.git && cd b && git checkout -b build $(AT)\n";
        assert_eq!(fetched(clone, &[]), ["b https://e.org/b.git false"]);
        let apart = "AT=COMMIT\nx:\n\tcd sources && git clone https://e.org/c d\n\tcd sources/d && git checkout $(AT)\n";
        assert_eq!(fetched(apart, &[]), ["sources/d https://e.org/c false"]);
    }

    #[test]
    fn whoever_calls_decides_and_what_is_not_pinned_is_told() {
        let text = "URL?=https://e.org/a\nAT?=master\na:\n\tgit clone $(URL) a && cd a && git checkout $(AT)\n\tcurl -L https://e.org/f.tgz -o f\n";
        assert_eq!(fetched(text, &[]), ["https://e.org/f.tgz", "git: https://e.org/a"]);
        let given = [("URL", "https://e.org/fork"), ("AT", COMMIT)];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(fetched(text, &given), ["a https://e.org/fork false", "https://e.org/f.tgz"]);
    }

    #[test]
    fn a_fork_names_its_neighbour_and_what_it_changes() {
        let text = "HERE := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))\nFORK?=COMMIT\nx:\n\tcp -rf $(HERE)/../base y\n\tAT=$(FORK) $(MAKE) -C y tree\n";
        let makefile = Makefile::read(&text.replace("COMMIT", COMMIT), &[]);
        assert_eq!(makefile.neighbours(), ["../base"]);
        assert_eq!(makefile.passed_on(), [("AT".to_owned(), COMMIT.to_owned())]);
        assert!(makefile.has("x") && !makefile.has("y"));
    }
}
