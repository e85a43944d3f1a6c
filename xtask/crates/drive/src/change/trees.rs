//! Two revisions compared, without checking anything out.

use super::Captured;
use super::contract::contract;
use super::manifests::{self, Unreadable};
use super::text::text;
use crate::error::Coded;
use crate::session::Session;
use anyhow::Result;
use checkout::{Git, GitError, is_leftover};
use ci::affected::{
    Change, ChangedFile, Edit, Edits, Kind, Tree, Trees, is_told_by_text, read_diff, read_tree,
    read_untracked,
};
use std::collections::BTreeMap;
use ui::Shown;

/// A revision that was found.
#[derive(Debug, Clone)]
pub struct Commit {
    /// As people call it.
    pub name: String,
    /// The commit's full name.
    pub id: String,
}

impl Commit {
    /// `origin/master (0c1e570)`, or the commit alone.
    pub fn told(&self) -> String {
        let short = self.id.get(..7).unwrap_or(&self.id);
        if self.id.starts_with(&self.name) { short.to_owned() } else { format!("{} ({short})", self.name) }
    }
}

/// What changed from `base` to `head`, the working tree if there is none.
pub fn compare(session: &Session, git: Git<'_>, base: &Commit, head: Option<&Commit>) -> Result<Captured> {
    let before = tree(git, &base.id)?;
    let edits = edits(git, &base.id, head)?;
    let title = format!("{} → {}", base.told(), head.map_or("the working tree".to_owned(), Commit::told));
    let at_head = match head {
        None => None,
        Some(head) => Some(at_head(git, head, &before, &edits)?),
    };
    let manifests = match manifests::load(git, before.iter().map(|(path, content)| (path.as_str(), content)))
    {
        Ok(manifests) => manifests,
        Err(Unreadable::Git(error)) => return Err(error.into()),
        Err(Unreadable::Manifests(diagnostics)) => {
            let first = diagnostics.iter().next().map_or_else(String::new, |first| {
                format!(": {}:{}:{}: {}", first.file, first.line, first.column, first.message)
            });
            let why = format!("the manifests of {} cannot be used{first}", base.told());
            let change = Change::Files { files: files(&edits), why };
            return Ok(Captured { title, change, notes: Vec::new(), head: at_head });
        }
    };
    let texts = texts(session, git, &edits)?;
    let contract = contract(session, git, &before, &edits, &manifests)?;
    let trees = Trees { base: base.told(), manifests, before, edits, texts, contract };
    Ok(Captured { title, change: Change::Trees(Box::new(trees)), notes: Vec::new(), head: at_head })
}

fn tree(git: Git<'_>, id: &str) -> Result<Tree> {
    Ok(read_tree(&git.output(&["ls-tree", "-r", "-z", id])?)?)
}

fn edits(git: Git<'_>, base: &str, head: Option<&Commit>) -> Result<Edits> {
    let mut args = vec![
        "diff",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--no-ext-diff",
        "--no-textconv",
        "--ignore-submodules=none",
        "--relative",
        "-O/dev/null",
        base,
    ];
    args.extend(head.map(|head| head.id.as_str()));
    args.push("--");
    let mut edits = read_diff(&git.output(&args)?)?;
    if head.is_none() {
        let others = git.output(&["ls-files", "-z", "--others", "--exclude-standard"])?;
        // Nor do keys see these.
        for (path, new) in read_untracked(&others).into_iter().filter(|(path, _)| !is_leftover(path)) {
            // What git was told to forget, and is there all the same, had something before.
            let before = edits.remove(&path).and_then(|edit| edit.before);
            edits.insert(path, Edit { before, ..new });
        }
    }
    Ok(edits)
}

/// The manifests at a head that is not checked out. It is what is built: what is wrong with them is an error.
fn at_head(git: Git<'_>, head: &Commit, before: &Tree, edits: &Edits) -> Result<model::manifest::Manifests> {
    let same = before.iter().filter(|(path, _)| !edits.contains_key(*path));
    let edited = edits.iter().filter_map(|(path, edit)| Some((path, edit.after.as_ref()?)));
    let all = same.chain(edited).map(|(path, content)| (path.as_str(), content));
    manifests::load(git, all).map_err(|error| match error {
        Unreadable::Git(error) => error.into(),
        Unreadable::Manifests(diagnostics) => {
            let head = head.told();
            let render = |color| {
                let shown = diagnostics.render(color);
                format!("the manifests of {head} cannot be used\n\n{}", shown.trim_end())
            };
            Coded::Wrong(Shown::new(render)).into()
        }
    })
}

fn files(edits: &Edits) -> Vec<ChangedFile> {
    let is_directory = |edit: &Edit| {
        [&edit.before, &edit.after].into_iter().flatten().any(|content| content.kind == Kind::Submodule)
    };
    edits
        .iter()
        .map(|(path, edit)| ChangedFile { path: path.clone(), directory: is_directory(edit) })
        .collect()
}

/// Both texts of the edited files whose wording is not all part of keys. What is no text counts as it is.
fn texts(
    session: &Session,
    git: Git<'_>,
    edits: &Edits,
) -> Result<BTreeMap<String, (String, String)>, GitError> {
    let mut texts = BTreeMap::new();
    for (path, edit) in edits.iter().filter(|(path, _)| is_told_by_text(path)) {
        let (Some(before), Some(after)) = (&edit.before, &edit.after) else { continue };
        let text = |content| text(session, git, path, content);
        if let (Some(before), Some(after)) = (text(before)?, text(after)?) {
            texts.insert(path.clone(), (before, after));
        }
    }
    Ok(texts)
}
