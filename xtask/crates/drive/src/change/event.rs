//! What a CI event says of a change. Whatever is missing or broken makes an unknown change, with the reason.

use super::Captured;
use super::revision::{find, is_shallow, repository};
use super::trees::{self, Commit};
use crate::error::told;
use crate::session::Session;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use checkout::{Git, GitError};
use model::event::Span;

/// Where GitHub put the payload of the event that this run is about.
pub fn path() -> Option<Utf8PathBuf> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    var("GITHUB_ACTIONS").filter(|value| value != "false")?;
    var("GITHUB_EVENT_PATH").map(Utf8PathBuf::from)
}

/// Compares the working tree with the commit that the event's payload tells.
pub fn capture(session: &Session, git: &Git<'_>, payload: &Utf8Path) -> Result<Captured> {
    let unknown = |why: String| Ok(Captured::unknown("the event", why));
    let span = match fs_err::read_to_string(payload) {
        Ok(text) => Span::read(&text),
        Err(error) => return unknown(format!("the event's payload cannot be read: {error}")),
    };
    if let Span::Whole { why } = span {
        return unknown(why);
    }
    match base(*git, &span) {
        // Not the end of anything: what cannot be compared is built.
        Err(why) => unknown(why),
        Ok((base, notes)) => match trees::compare(session, *git, &base, None) {
            Ok(captured) => Ok(Captured { notes, ..captured }),
            Err(error) => unknown(told(&error)),
        },
    }
}

/// The commit to compare with, which is here or has been fetched.
fn base(git: Git<'_>, span: &Span) -> Result<(Commit, Vec<String>), String> {
    repository(git)?;
    let failed = |error: GitError| error.to_string();
    let here = find(git, "HEAD").map_err(failed)?.ok_or("there is no commit yet")?;
    let mut notes = Vec::new();
    let mut expect = |commit: &str| {
        if commit != here {
            notes.push(format!(
                "the checkout is at {here:.7}, the event is about {commit:.7}: what is checked out counts"
            ));
        }
    };
    let (name, id) = match span {
        Span::Whole { why } => return Err(why.clone()),
        Span::Between { before, after } => {
            expect(after.as_str());
            ("what was pushed to", before.as_str().to_owned())
        }
        Span::PullRequest { base, head } => {
            let parents = parents(git, &here).map_err(failed)?;
            match &parents[..] {
                // What CI checks out: the pull request merged into its base as it is now.
                [first, rest @ ..] if rest.iter().any(|parent| parent == head.as_str()) => {
                    ("the base that was merged into", first.clone())
                }
                _ => {
                    expect(head.as_str());
                    let fork = git.word(&["merge-base", base.as_str(), "HEAD"]).map_err(failed)?;
                    match fork {
                        Some(fork) => ("where the pull request left its base", fork),
                        None => ("the tip of the pull request's base", base.as_str().to_owned()),
                    }
                }
            }
        }
    };
    obtain(git, &id)?;
    Ok((Commit { name: name.to_owned(), id }, notes))
}

/// The parents of a commit as they are recorded, even where a shallow clone has cut them off.
fn parents(git: Git<'_>, commit: &str) -> Result<Vec<String>, GitError> {
    let text = git.output(&["cat-file", "commit", commit])?;
    let text = String::from_utf8_lossy(&text);
    let head = text.split("\n\n").next().unwrap_or_default();
    Ok(head.lines().filter_map(|line| line.strip_prefix("parent ")).map(str::to_owned).collect())
}

/// Has a commit here, fetching it if need be.
fn obtain(git: Git<'_>, commit: &str) -> Result<(), String> {
    let there = || -> Result<bool, GitError> {
        // Its files as well: a clone may have cut off those of a commit that it knows.
        Ok(git.attempt(&["cat-file", "-e", &format!("{commit}^{{tree}}")])?.status.success())
    };
    let failed = |error: GitError| error.to_string();
    if there().map_err(failed)? {
        return Ok(());
    }
    let missing = format!("commit {commit:.7}, which came before, is not in this clone");
    if git.is_offline() {
        return Err(format!("{missing}, and --offline forbids to fetch it"));
    }
    let mut args = vec!["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
    // Elsewhere this would make a whole clone shallow.
    if is_shallow(git).map_err(failed)? {
        args.push("--depth=1");
    }
    args.extend(["origin", commit]);
    match git.output(&args) {
        Ok(_) if there().map_err(failed)? => Ok(()),
        Ok(_) => Err(format!("{missing}, and fetching it did not help")),
        Err(GitError::Failed { detail, .. }) => Err(format!("{missing}, and cannot be fetched: {detail}")),
        Err(error) => Err(error.to_string()),
    }
}
