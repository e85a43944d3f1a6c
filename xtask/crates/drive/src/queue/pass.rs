//! The one pass over the registry: batched, concurrent, bounded in time.

use crate::registries;
use crate::session::Session;
use anyhow::Result;
use ci::queue::Question;
use model::oci::Repository;
use oci::{Backoff, Client, Settings};
use plan::presence::Answers;
use std::time::Duration;

/// A client that gives up in time: in the worst case it asks twice for what the registry wants to see, twice for a token,
/// and then for everything at once.
pub fn client(timeout: Duration) -> Client {
    let (one, usual) = (timeout / 8, Settings::from_env());
    let backoff = Backoff { tries: 2, first: one / 8, longest: one / 4, patience: one / 4 };
    Client::new(Settings {
        connect: usual.connect.min(one),
        stall: usual.stall.min(one),
        small: usual.small.min(one),
        batch: usual.batch.min(timeout / 2),
        backoff,
        ..usual
    })
}

/// Asks for everything that matters. What is answered counts even if the rest is not.
pub fn ask(
    session: &Session,
    client: &Client,
    cache: &Repository,
    question: &Question<'_>,
) -> Result<Answers> {
    let tags = question.tags();
    let asked = tags.len();
    let Answers { found, refused, silence } = registries::ask(session, client, cache, tags)?;
    let missing = asked - found.len();
    let silence =
        silence.map(|why| format!("{missing} of {asked} answers of the registry are missing: {why}"));
    Ok(Answers { found, refused, silence })
}
