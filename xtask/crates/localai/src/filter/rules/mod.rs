//! The rules as data: which files are inputs of which entries.

mod check;
mod field;
mod from_raw;
mod lines;
mod path;
mod raw;
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

/// What a rules file looks like.
pub const SCHEMA: Document = Document::anywhere::<raw::RawRules>("rules");

/// A checked rules file.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Where the matrix stands in the repository.
    pub matrix: String,
    /// Where the contract stands whose additive edits touch nothing.
    pub proto: Option<String>,
    /// By which of its names a renamed file counts.
    pub renames: Renames,
    /// A list of the matrix that is not known is an error.
    pub known_lists: bool,
    /// An entry without sources is always built, rather than never.
    pub unplaced: bool,
    pub(super) dockerfiles: bool,
    pub(super) siblings: bool,
    pub(super) unread: Vec<Unread>,
    pub(super) linux_sources: Vec<Source>,
    pub(super) darwin_sources: Vec<Source>,
    pub(super) ignored: Paths,
    pub(super) narrowed: Vec<Narrowed>,
    pub(super) borrowed: Vec<Borrowed>,
    pub(super) shared: Vec<Shared>,
}

/// Fields that no build reads.
#[derive(Debug, Clone)]
pub(super) struct Unread {
    pub fields: Vec<String>,
    pub when: Condition,
}

/// Where the sources of some entries are.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub when: Condition,
    pub dir: Template,
}

/// Which entries of each list.
#[derive(Debug, Clone)]
pub(super) struct Entries {
    pub linux: Condition,
    pub darwin: Condition,
}

impl Entries {
    pub fn hold(&self, os: Os, entry: &Entry<'_>) -> bool {
        match os {
            Os::Linux => self.linux.holds(entry),
            Os::Darwin => self.darwin.holds(entry),
        }
    }
}

/// Files of an entry's own directory that only some entries read.
#[derive(Debug, Clone)]
pub(super) struct Narrowed {
    pub files: Paths,
    pub entries: Entries,
}

/// Files of another directory that the sources of some backends are made from.
#[derive(Debug, Clone)]
pub(super) struct Borrowed {
    pub backends: Vec<String>,
    pub files: Paths,
    pub lines: Lines,
}

/// Files that several entries share.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub name: String,
    pub files: Paths,
    pub lines: Lines,
    pub additive: bool,
    pub entries: Entries,
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
        self.unread
            .iter()
            .any(|unread| unread.fields.iter().any(|name| name == field) && unread.when.holds(entry))
    }
}
