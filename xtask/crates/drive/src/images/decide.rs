//! What becomes of images, by what the registry has.

use super::Shared;
use crate::registries;
use crate::session::Session;
use anyhow::Result;
use plan::decision::{self, Decision};
use plan::made::Made;
use plan::presence::Presence;

/// An image, and what becomes of it.
#[derive(Debug)]
pub struct Decided<'a> {
    /// The image.
    pub made: Made<'a>,
    /// Whether the registry has it.
    pub registry: Presence,
    /// What becomes of it.
    pub decision: Decision,
}

/// Decides about all of them; the registry is asked once. One that does not answer is said, and stops nothing.
pub fn decide<'a>(
    session: &Session,
    shared: &Shared,
    images: Vec<Made<'a>>,
    force: bool,
) -> Result<Vec<Decided<'a>>> {
    let (client, repository) = (&shared.client, &shared.repository);
    let answers = registries::ask(session, client, repository, images.iter().map(Made::tag))?;
    if let Some(why) = answers.silence.as_ref().filter(|_| !session.offline) {
        session.ui.warn(&format!("{repository}: {why}"));
    }
    let decide = |made: Made<'a>| {
        let registry = answers.presence(&made.tag());
        let decision = decision::decide(&made.short_tag(), &registry, force);
        Decided { made, registry, decision }
    };
    Ok(images.into_iter().map(decide).collect())
}
