//! The rules as data: which files are inputs of which entries.

mod check;
mod field;
mod lines;
mod path;
mod shipped;
mod template;

pub(super) use field::Condition;
pub(super) use lines::Lines;
pub(super) use path::Paths;
pub use shipped::{CORRECTED, LOCALAI, shipped};
use template::Template;

use super::changed::Renames;
use super::kind::Os;
use camino::Utf8Path;
use matrixfile::Entry;
use model::manifest::{self, Diagnostics, Document};
use schemars::JsonSchema;
use serde::Deserialize;

/// What a rules file looks like.
pub const SCHEMA: Document = Document::anywhere::<Rules>("rules");

/// Which files are inputs of which entries of a matrix. Paths are relative to the repository's root.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rules {
    /// The matrix file. An edit of it touches the entries that it changes.
    pub matrix: String,
    /// The contract of all backends; see `unless-additive`.
    pub proto: Option<String>,
    /// A renamed file counts by its old name too.
    #[serde(default, rename = "old-names")]
    #[schemars(with = "bool", extend("default" = false))]
    pub renames: Renames,
    /// An entry's Dockerfile is one of its inputs.
    #[serde(default)]
    pub(super) dockerfiles: bool,
    /// One image is made of all platforms of a tag suffix: whoever builds one builds them all.
    #[serde(default)]
    pub(super) siblings: bool,
    /// A list of the matrix that is not known is an error, rather than dropped: nothing is made of its entries.
    #[serde(default)]
    pub known_lists: bool,
    /// An entry whose sources are nowhere, by the rules or in the tree, is always built, rather than never.
    #[serde(default)]
    pub unplaced: bool,
    /// Fields of an entry that reach no build; a change of them is no change of the entry.
    #[serde(default, rename = "unread-fields")]
    pub(super) unread: Vec<Unread>,
    /// Where the sources of a Linux entry are; the first that holds; see `unplaced`.
    pub(super) linux_sources: Vec<Source>,
    /// Where the sources of a Darwin entry are; the first that holds.
    pub(super) darwin_sources: Vec<Source>,
    /// Files that reach no build wherever they lie, such as documentation and tests.
    #[serde(default)]
    pub(super) ignored: Paths,
    /// Files in an entry's own directory that only some entries read; the first that matches a file.
    #[serde(default)]
    pub(super) narrowed: Vec<Narrowed>,
    /// Files of another directory that the sources of some Linux backends are made from.
    #[serde(default)]
    pub(super) borrowed: Vec<Borrowed>,
    /// Files that several entries share; the first that matches a file. Rules about lines leave the other lines of a file to
    /// the rules that follow.
    #[serde(default)]
    pub(super) shared: Vec<Shared>,
}

/// Fields that reach no build.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Unread {
    /// Their names.
    pub fields: Vec<String>,
    /// Of which entries; of all by default.
    pub when: Option<Condition>,
}

/// Where sources are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Source {
    /// Of which entries; of all by default.
    pub when: Option<Condition>,
    /// The directory, with a slash at the end; `{field}` is an entry's field.
    pub dir: Template,
}

/// Files that only some entries read.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Narrowed {
    /// Which files: any of these.
    pub files: Paths,
    /// Which Linux entries: any of these; none by default.
    #[serde(default)]
    pub linux: Condition,
    /// Which Darwin entries: any of these; none by default.
    #[serde(default)]
    pub darwin: Condition,
}

/// Files of another directory.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Borrowed {
    /// Whose sources are made from them.
    pub backends: Vec<String>,
    /// Which files: any of these.
    pub files: Paths,
    /// Which of their lines.
    #[serde(default)]
    pub lines: Lines,
}

/// Files that several entries share.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Shared {
    /// What the files are, for people.
    pub name: String,
    /// Which files: any of these.
    pub files: Paths,
    /// Which of their lines.
    #[serde(default)]
    pub lines: Lines,
    /// An edit of `proto` that only adds touches nothing by this rule.
    #[serde(default)]
    pub unless_additive: bool,
    /// Which Linux entries: any of these; none by default.
    #[serde(default)]
    pub linux: Condition,
    /// Which Darwin entries: any of these; none by default.
    #[serde(default)]
    pub darwin: Condition,
}

impl Rules {
    /// Reads and checks a rules file.
    pub fn read(path: &Utf8Path, text: &str) -> Result<Self, Diagnostics> {
        manifest::read(path, text, SCHEMA, check::check)
    }

    /// Whether a rule wants to see what a changed file says.
    pub fn looks_into(&self, path: &str) -> bool {
        let borrowed = self.borrowed.iter().map(|rule| (&rule.files, &rule.lines));
        let shared = self.shared.iter().map(|rule| (&rule.files, &rule.lines));
        borrowed.chain(shared).any(|(files, lines)| !lines.all() && files.hold(path))
    }

    pub(super) fn sources(&self, os: Os) -> &[Source] {
        match os {
            Os::Linux => &self.linux_sources,
            Os::Darwin => &self.darwin_sources,
        }
    }

    /// Whether no build reads a field of an entry.
    pub(super) fn is_unread(&self, entry: &Entry<'_>, field: &str) -> bool {
        self.unread.iter().any(|unread| {
            unread.fields.iter().any(|name| name == field)
                && Condition::or_always(unread.when.as_ref(), entry)
        })
    }
}

impl Narrowed {
    pub fn concerns(&self, os: Os, entry: &Entry<'_>) -> bool {
        Condition::of(os, &self.linux, &self.darwin).holds(entry)
    }
}

impl Shared {
    pub fn concerns(&self, os: Os, entry: &Entry<'_>) -> bool {
        Condition::of(os, &self.linux, &self.darwin).holds(entry)
    }
}
