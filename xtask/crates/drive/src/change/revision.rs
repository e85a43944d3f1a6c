//! Revisions as people name them, and the one that is meant when nobody names one.

use super::Captured;
use super::trees::{Commit, compare};
use crate::error::Coded;
use crate::session::Session;
use anyhow::Result;
use checkout::{Git, GitError};
use model::text::suggest;

/// Compares what was typed.
pub fn asked(session: &Session, git: &Git<'_>, base: &str, head: Option<&str>) -> Result<Captured> {
    let git = *git;
    let base = typed(git, "--base", base)?;
    let head = head.map(|head| typed(git, "--head", head)).transpose()?;
    let mut captured = compare(session, git, &base, head.as_ref())?;
    captured.notes.extend(diverged(git, &base, head.as_ref())?);
    Ok(captured)
}

/// Compares the working tree with where its branch left the upstream, or with the last commit.
pub fn default(session: &Session, git: &Git<'_>) -> Result<Captured> {
    let git = *git;
    if let Err(why) = repository(git) {
        return Ok(Captured::unknown("the working tree", why));
    }
    let Some(head) = find(git, "HEAD")? else {
        return Ok(Captured::unknown("the working tree", "there is no commit yet".to_owned()));
    };
    for upstream in ["@{upstream}", "origin/HEAD"] {
        let Some(name) = git.word(&["rev-parse", "--verify", "--quiet", "--abbrev-ref", upstream])? else {
            continue;
        };
        if let Some(id) = git.word(&["merge-base", "HEAD", upstream])? {
            let base = Commit { name: format!("merge base with {name}"), id };
            return compare(session, git, &base, None);
        }
    }
    let mut captured = compare(session, git, &Commit { name: "HEAD".to_owned(), id: head }, None)?;
    captured.notes.push(
        "this branch has no upstream: compared with the last commit; --base names another revision"
            .to_owned(),
    );
    Ok(captured)
}

/// The commit that a revision names; none if it names none.
pub fn find(git: Git<'_>, revision: &str) -> Result<Option<String>, GitError> {
    // Nothing that git could take for an option, and no range.
    if revision.starts_with(['-', '^']) || revision.contains(['\0', '\n']) || revision.contains("..") {
        return Ok(None);
    }
    git.word(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])
}

/// Why git knows nothing of this checkout, if it does not.
pub fn repository(git: Git<'_>) -> Result<(), String> {
    match git.output(&["rev-parse", "--is-inside-work-tree"]) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn typed(git: Git<'_>, option: &str, revision: &str) -> Result<Commit> {
    repository(git).map_err(Coded::Usage)?;
    if let Some(id) = find(git, revision)? {
        return Ok(Commit { name: revision.to_owned(), id });
    }
    let refs = git.output(&[
        "for-each-ref",
        "--format=%(refname:short)",
        "refs/heads",
        "refs/remotes",
        "refs/tags",
    ])?;
    let refs = String::from_utf8_lossy(&refs);
    let hint = suggest::hint(revision, refs.lines().map(str::trim));
    let shallow = is_shallow(git)?;
    let next = if shallow { "; this clone is shallow: fetch the revision first" } else { "" };
    Err(Coded::Usage(format!("{option}: there is no revision `{revision}` here{hint}{next}")).into())
}

/// Whether the clone lacks a part of its history.
pub fn is_shallow(git: Git<'_>) -> Result<bool, GitError> {
    Ok(git.word(&["rev-parse", "--is-shallow-repository"])?.as_deref() == Some("true"))
}

/// Says so if head does not stem from base, as after a forced push or where the base branch went on.
fn diverged(git: Git<'_>, base: &Commit, head: Option<&Commit>) -> Result<Option<String>, GitError> {
    let head = head.map_or("HEAD", |head| head.id.as_str());
    let ended = git.attempt(&["merge-base", "--is-ancestor", &base.id, head])?;
    Ok((ended.status.code() == Some(1) && !is_shallow(git)?).then(|| {
        format!(
            "{} is no ancestor of what it is compared with: what was changed on either side counts; \
             `git merge-base {} HEAD` tells where they parted",
            base.told(),
            base.name
        )
    }))
}
