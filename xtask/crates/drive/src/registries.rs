//! How every command speaks with registries, the repositories that the manifests name, and what they are asked.

use crate::error::Coded;
use crate::session::Session;
use crate::trusted;
use anyhow::{Result, bail};
use model::oci::{Repository, Tag};
use oci::{Client, Settings};
use plan::presence::Answers;
use std::collections::BTreeSet;

/// With the user's credentials.
pub fn client() -> Client {
    Client::new(Settings::from_env())
}

/// A repository of `backend/variants.yaml`.
pub fn repository(text: &str) -> Result<Repository> {
    text.parse().map_err(|error| Coded::Usage(format!("backend/variants.yaml: {error}")).into())
}

/// Asks a repository about all of these tags at once. What is answered counts even if the rest is not, and who does not
/// answer is no error. What nobody made who is trusted is refused here, for everybody who asks.
pub fn ask(
    session: &Session,
    client: &Client,
    repository: &Repository,
    tags: impl IntoIterator<Item = Tag>,
) -> Result<Answers> {
    if session.offline {
        return Ok(Answers::silent("--offline"));
    }
    let tags: Vec<Tag> = tags.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    if tags.is_empty() {
        return Ok(Answers::default());
    }
    let (found, error) = client.exists_some(repository, &tags);
    // Who was stopped asks for nothing more.
    halt::check()?;
    let silence = error.map(|error| error.to_string());
    trusted::check(session, client, repository, Answers { found, silence, ..Answers::default() })
}

/// The same where nothing can be done without all of the answers.
pub fn ask_for_all(
    session: &Session,
    client: &Client,
    repository: &Repository,
    tags: impl IntoIterator<Item = Tag>,
) -> Result<Answers> {
    let answers = ask(session, client, repository, tags)?;
    match answers.silence {
        Some(why) => bail!("{repository} does not say what it has: {why}"),
        None => Ok(answers),
    }
}
