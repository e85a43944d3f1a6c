//! What is known of a change.

use super::files::{Edits, Tree};
use model::manifest::Manifests;
use std::collections::BTreeMap;

/// What is known of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Both revisions are at hand.
    Trees(Box<Trees>),
    /// No more than the names of the changed files is at hand.
    Files {
        /// Both names of what was renamed.
        files: Vec<ChangedFile>,
        /// Why no more.
        why: String,
    },
    /// Nothing.
    Unknown {
        /// Why.
        why: String,
    },
}

/// A changed file of which no more is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedFile {
    /// Path from the root.
    pub path: String,
    /// It stands for all that is below it, as a submodule does.
    pub directory: bool,
}

/// Both revisions, as far as a comparison needs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trees {
    /// What the base is called.
    pub base: String,
    /// The manifests of the base.
    pub manifests: Manifests,
    /// The files of the base.
    pub before: Tree,
    /// What is otherwise at head.
    pub edits: Edits,
    /// Texts at base and head, if edited, of files whose wording is not all part of keys.
    pub texts: BTreeMap<String, (String, String)>,
    /// The contract of all backends, if it was edited, or what keys hold of it.
    pub contract: Option<ContractEdit>,
}

/// An edit of the contract of all backends, or of its baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractEdit {
    /// At the base.
    pub before: ContractAt,
    /// At head.
    pub after: ContractAt,
    /// Texts of inputs that were not edited, by path: those that name what was added to the contract count for its units.
    pub sources: BTreeMap<String, String>,
}

/// The contract of all backends at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractAt {
    /// What it says.
    pub text: String,
    /// What its baseline says, if it has one.
    pub baseline: Option<String>,
}
