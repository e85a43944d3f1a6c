//! What changed, from git: captured here, judged by `ci::affected`.

mod contract;
mod event;
mod globs;
mod manifests;
mod revision;
mod text;
mod trees;

use crate::session::Session;
use anyhow::Result;
use camino::Utf8PathBuf;
use checkout::Git;
use ci::affected::{Change, Head, Selection};
use globs::Specs;
use model::manifest::Manifests;

/// A change, as far as it is known.
#[derive(Debug)]
pub struct Captured {
    /// Which, for people: `origin/master (0c1e570) → the working tree`.
    pub title: String,
    /// What is known of it.
    pub change: Change,
    /// What a person should know of how it was found.
    pub notes: Vec<String>,
    /// What is published at head; none for the working tree, whose manifests the session has.
    head: Option<Manifests>,
}

impl Captured {
    fn unknown(title: &str, why: String) -> Self {
        Self { title: title.to_owned(), change: Change::Unknown { why }, notes: Vec::new(), head: None }
    }

    /// Whether head is what is checked out, which alone has keys here.
    pub fn is_checked_out(&self) -> bool {
        self.head.is_none()
    }

    /// The manifests at head.
    pub fn manifests<'a>(&'a self, session: &'a Session) -> &'a Manifests {
        self.head.as_ref().unwrap_or(&session.manifests)
    }
}

/// Which change is meant; where nothing is said, the event or the branch's upstream decides.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The revision to compare with, and the one that is compared; none for the working tree.
    pub revisions: Option<(String, Option<String>)>,
    /// The payload of the CI event that says what changed.
    pub event: Option<Utf8PathBuf>,
}

/// Finds out what changed. Only what was typed can be wrong: an event that cannot be understood makes an unknown change.
pub fn capture(session: &Session, asked: &Asked) -> Result<Captured> {
    let git = Git::new(&session.root, session.offline);
    if let Some((base, head)) = &asked.revisions {
        return revision::asked(session, &git, base, head.as_deref());
    }
    let payload = asked.event.clone().or_else(event::path);
    match payload {
        Some(path) => event::capture(session, &git, &path),
        None => revision::default(session, &git),
    }
}

/// The units that a change touches, of those that head publishes.
pub fn select(session: &Session, captured: &Captured) -> Result<Selection> {
    let head = Head { manifests: captured.manifests(session), host: &session.host, globs: &Specs };
    Ok(ci::affected::select(head, &captured.change)?)
}
