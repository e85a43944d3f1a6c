//! A rules file as it is written.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Which files are inputs of which entries of a matrix. Paths are relative to the repository's root.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Rules")]
pub struct RawRules {
    /// The matrix file. An edit of it touches the entries that it changes.
    pub matrix: String,
    /// The contract of all backends; see `unless-additive`.
    pub proto: Option<String>,
    /// A renamed file counts by its old name too.
    #[serde(default)]
    pub old_names: bool,
    /// An entry's Dockerfile is one of its inputs.
    #[serde(default)]
    pub dockerfiles: bool,
    /// One image is made of all platforms of a tag suffix: whoever builds one builds them all.
    #[serde(default)]
    pub siblings: bool,
    /// A list of the matrix that is not known is an error, rather than dropped: nothing is made of its entries.
    #[serde(default)]
    pub known_lists: bool,
    /// An entry whose sources are nowhere, by the rules or in the tree, is always built, rather than never.
    #[serde(default)]
    pub unplaced: bool,
    /// Fields of an entry that reach no build; a change of them is no change of the entry.
    #[serde(default)]
    pub unread_fields: Vec<RawUnread>,
    /// Where the sources of a Linux entry are; the first that holds; see `unplaced`.
    pub linux_sources: Vec<RawSource>,
    /// Where the sources of a Darwin entry are; the first that holds.
    pub darwin_sources: Vec<RawSource>,
    /// Files that reach no build wherever they lie, such as documentation and tests.
    #[serde(default)]
    pub ignored: Vec<RawPaths>,
    /// Files in an entry's own directory that only some entries read; the first that matches a file.
    #[serde(default)]
    pub narrowed: Vec<RawNarrowed>,
    /// Files of another directory that the sources of some Linux backends are made from.
    #[serde(default)]
    pub borrowed: Vec<RawBorrowed>,
    /// Files that several entries share; the first that matches a file. Rules about lines leave the other lines of a file to
    /// the rules that follow.
    #[serde(default)]
    pub shared: Vec<RawShared>,
}

/// Fields that reach no build.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Unread")]
pub struct RawUnread {
    /// Their names.
    pub fields: Vec<String>,
    /// Of which entries; of all by default.
    pub when: Option<Vec<RawWhen>>,
}

/// Where sources are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Source")]
pub struct RawSource {
    /// Of which entries; of all by default.
    pub when: Option<Vec<RawWhen>>,
    /// The directory, with a slash at the end; `{field}` is an entry's field.
    pub dir: String,
}

/// What holds of some entries, by field; all of it must hold. Nothing at all holds of every entry.
pub type RawWhen = BTreeMap<String, RawField>;

/// What holds of a field; all of it must hold. A field that is absent is empty text.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Field")]
pub struct RawField {
    /// It is one of these.
    pub is: Option<Vec<String>>,
    /// It is none of these.
    pub not: Option<Vec<String>>,
    /// It begins with one of these.
    pub starts: Option<Vec<String>>,
    /// It ends with one of these.
    pub ends: Option<Vec<String>>,
    /// It says something, or it does not.
    pub set: Option<bool>,
}

/// What holds of a path; all of it must hold, and something must be asked for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Paths")]
pub struct RawPaths {
    /// It is one of these.
    pub is: Option<Vec<String>>,
    /// It begins with one of these.
    pub starts: Option<Vec<String>>,
    /// It ends with one of these.
    pub ends: Option<Vec<String>>,
    /// Its last part is one of these.
    pub name: Option<Vec<String>>,
    /// One of its directories has one of these names.
    pub below: Option<Vec<String>>,
    /// None of these holds of it.
    #[serde(default)]
    pub except: Vec<RawPaths>,
}

/// Lines of a file that count; without both texts at hand every line does.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Lines")]
pub struct RawLines {
    /// Not those that begin with one of these, after white space.
    #[serde(default)]
    pub except: Vec<String>,
    /// Only those that contain one of these.
    pub only: Option<Vec<String>>,
}

/// Files that only some entries read.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Narrowed")]
pub struct RawNarrowed {
    /// Which files: any of these.
    pub files: Vec<RawPaths>,
    /// Which Linux entries: any of these; none by default.
    #[serde(default)]
    pub linux: Vec<RawWhen>,
    /// Which Darwin entries: any of these; none by default.
    #[serde(default)]
    pub darwin: Vec<RawWhen>,
}

/// Files of another directory.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Borrowed")]
pub struct RawBorrowed {
    /// Whose sources are made from them.
    pub backends: Vec<String>,
    /// Which files: any of these.
    pub files: Vec<RawPaths>,
    /// Which of their lines.
    #[serde(default)]
    pub lines: RawLines,
}

/// Files that several entries share.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Shared")]
pub struct RawShared {
    /// What the files are, for people.
    pub name: String,
    /// Which files: any of these.
    pub files: Vec<RawPaths>,
    /// Which of their lines.
    #[serde(default)]
    pub lines: RawLines,
    /// An edit of `proto` that only adds touches nothing by this rule.
    #[serde(default)]
    pub unless_additive: bool,
    /// Which Linux entries: any of these; none by default.
    #[serde(default)]
    pub linux: Vec<RawWhen>,
    /// Which Darwin entries: any of these; none by default.
    #[serde(default)]
    pub darwin: Vec<RawWhen>,
}
