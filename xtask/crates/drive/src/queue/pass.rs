//! The one pass over the registry: batched, concurrent, bounded in time.

use ci::queue::{Question, There};
use model::oci::{Repository, Tag};
use oci::{Backoff, Client, Settings};
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
pub fn there(client: &Client, cache: &Repository, question: &Question<'_>) -> There {
    let tags: Vec<Tag> = question.tags().into_iter().collect();
    if tags.is_empty() {
        return There::default();
    }
    let (answers, error) = client.exists_some(cache, &tags);
    let silence = error.map(|error| {
        let missing = tags.len() - answers.len();
        format!("{missing} of {} answers of the registry are missing: {error}", tags.len())
    });
    There { answers, silence }
}
