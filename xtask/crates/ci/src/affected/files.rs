//! Files of a revision as git knows them.

use std::collections::BTreeMap;

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file, and whether it is executable.
    File {
        /// Its owner may run it.
        executable: bool,
    },
    /// A symbolic link.
    Link,
    /// A commit of another repository: a directory once it is checked out.
    Submodule,
}

/// What a path holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What lies there.
    pub kind: Kind,
    /// The name that git gives to the content; none for what nobody has hashed, as in a working tree.
    pub id: Option<String>,
}

impl Content {
    /// The words that stand for it in a key document that is only compared.
    pub(super) fn text(&self) -> String {
        let id = self.id.as_deref().unwrap_or("of the working tree");
        match self.kind {
            Kind::File { executable: false } => format!("git {id}"),
            Kind::File { executable: true } => format!("git {id} x"),
            Kind::Link => format!("link {id}"),
            Kind::Submodule => format!("submodule {id}"),
        }
    }
}

/// A path at base and at head; not both none, and never the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// At the base; none if it is new.
    pub before: Option<Content>,
    /// At head; none if it is gone.
    pub after: Option<Content>,
}

/// The files of a revision by path from the root.
pub type Tree = BTreeMap<String, Content>;

/// What differs between two revisions, by path from the root.
pub type Edits = BTreeMap<String, Edit>;
