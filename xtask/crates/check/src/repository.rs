//! What the rules look at: the texts of the repository, and what is made of them.

use crate::read::workflow::Flow;
use crate::read::{Table, own, spots};
use crate::rendered::{self, Rendered};
use camino::{Utf8Path, Utf8PathBuf};
use model::manifest::{Diagnostics, Files, Hop, Manifests, Spot, Tree, is_manifest};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// A file that is made from types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where it stands.
    pub path: Utf8PathBuf,
    /// What it must hold.
    pub text: String,
}

/// What the command line's parser says of the words behind `cargo xtask`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They are a command.
    Understood,
    /// They are not, and why.
    Wrong(String),
}

/// The command line's parser.
pub type Parser<'a> = &'a (dyn Fn(&[String]) -> Verdict + Sync);

/// What the rules look at.
pub struct Repository<'a> {
    /// Every file that is text.
    pub files: &'a Files,
    /// Every other file.
    pub others: &'a BTreeSet<Utf8PathBuf>,
    /// The manifests among them.
    pub manifests: Result<Manifests, Diagnostics>,
    /// What `cargo xtask generate` writes.
    pub generated: Vec<Written>,
    /// What the last builds took from the machine without a fact, by the manifests of their backends.
    pub unaccounted: Vec<Written>,
    /// What `cargo xtask workflows` writes.
    pub workflows: Vec<Written>,
    /// The command line's parser.
    pub parser: Parser<'a>,
    /// A matrix that was named.
    pub matrix: Option<Table>,
    own: OnceLock<Option<Table>>,
    rendered: OnceLock<Vec<Rendered>>,
    flows: OnceLock<Vec<(&'a Utf8Path, Option<Flow<'a>>)>>,
}

impl<'a> Repository<'a> {
    /// The repository of these files.
    pub fn new(files: &'a Files, others: &'a BTreeSet<Utf8PathBuf>, parser: Parser<'a>) -> Self {
        let manifests = files
            .iter()
            .filter(|(path, _)| is_manifest(path))
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        Self {
            files,
            others,
            manifests: model::manifest::load(&manifests),
            generated: Vec::new(),
            unaccounted: Vec::new(),
            workflows: Vec::new(),
            parser,
            matrix: None,
            own: OnceLock::new(),
            rendered: OnceLock::new(),
            flows: OnceLock::new(),
        }
    }

    /// The manifests, where they can be read.
    pub(crate) fn model(&self) -> Option<&Manifests> {
        self.manifests.as_ref().ok()
    }

    /// Every published image as bake would build it.
    pub(crate) fn rendered(&self) -> &[Rendered] {
        self.rendered.get_or_init(|| self.model().map(rendered::all).unwrap_or_default())
    }

    /// Every workflow and composite action; none for what cannot be read.
    pub(crate) fn flows(&self) -> &[(&'a Utf8Path, Option<Flow<'a>>)] {
        self.flows.get_or_init(|| {
            let files: &'a Files = self.files;
            let is_flow = |path: &Utf8Path| {
                path.starts_with(".github")
                    && path.extension().is_some_and(|end| ["yml", "yaml"].contains(&end))
            };
            let flows = files.iter().filter(|(path, _)| is_flow(path));
            flows.map(|(path, text)| (path.as_path(), Flow::parse(text))).collect()
        })
    }

    /// Matrices: ours, and any that was named.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &Table> {
        let own = || self.model().and_then(|manifests| own::rows(manifests, self.files));
        self.own.get_or_init(own).iter().chain(&self.matrix)
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, path: &Utf8Path) -> bool {
        self.files.contains_key(path) || self.others.contains(path)
    }

    /// Texts below a directory, whose names end so.
    pub(crate) fn below(&self, dir: &str, ends: &[&str]) -> impl Iterator<Item = (&Utf8PathBuf, &String)> {
        self.files.iter().filter(move |(path, _)| {
            path.starts_with(dir) && ends.iter().any(|end| path.as_str().ends_with(end))
        })
    }

    /// Where the key stands that a way through a YAML file ends at, or the element.
    pub(crate) fn key(&self, file: &Utf8Path, way: &[&str]) -> Spot {
        self.place(file, way, true)
    }

    /// Where the value stands that a way through a YAML file ends at.
    pub(crate) fn value(&self, file: &Utf8Path, way: &[&str]) -> Spot {
        self.place(file, way, false)
    }

    fn place(&self, file: &Utf8Path, way: &[&str], of_key: bool) -> Spot {
        let Some(tree) = self.files.get(file).and_then(|text| Tree::parse(text)) else { return Spot::START };
        // A number is an index where there is a list.
        let hop = |part: &&str| part.parse().map_or_else(|_| Hop::Key((*part).to_owned()), Hop::Index);
        let (key, value) = tree.find(&way.iter().map(hop).collect::<Vec<_>>());
        if of_key { tree.nodes[key.unwrap_or(value)].spot } else { tree.spot(key, value) }
    }

    /// Where a word first stands in a file.
    pub(crate) fn word(&self, file: &Utf8Path, word: &str) -> Spot {
        self.files.get(file).and_then(|text| spots::first(text, word)).unwrap_or(Spot::START)
    }
}
