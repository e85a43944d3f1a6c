//! What is queued: asks the registry once, decides by `ci::queue`, and lets images that are as good be found under
//! their new keys.

mod carry;
mod floats;
mod lock;
mod page;
mod pass;

pub use lock::keep as keep_lock;
pub use page::{PAGE, publish};

use crate::make::{Published, census};
use crate::session::Session;
use crate::{registries, wanted};
use anyhow::Result;
use ci::queue::{Candidate, Occasion, Question, Queue, decide};
use model::event::{Event, decide as policy};
use model::image_names::Group;
use model::key::Key;
use model::oci::{ImageDigest, Repository};
use model::unit::UnitId;
use plan::presence::Answers;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What is to be queued.
#[derive(Debug)]
pub struct Ask<'a> {
    /// The event.
    pub event: &'a Event,
    /// The units that the change touches.
    pub selected: &'a BTreeSet<UnitId>,
    /// The repository that has images under their keys; none if no registry is to be asked.
    pub cache: Option<&'a Repository>,
    /// How long the registry may take for all answers.
    pub timeout: Duration,
    /// Build what is wanted whatever the registry has.
    pub force: bool,
}

/// Decides what is built and merged. A registry that does not answer costs builds, and never an error.
pub fn queue(session: &Session, ask: &Ask<'_>) -> Result<Queue> {
    let candidates: Vec<Candidate> = census(session)?
        .into_iter()
        .map(|Published { unit, key, steady, .. }| Candidate { unit, key, steady })
        .collect();
    let groups = session.manifests.groups()?;
    let question = Question {
        occasion: Occasion::of(ask.event),
        candidates: &candidates,
        groups: &groups,
        selected: ask.selected,
        force: ask.force,
    };
    let nothing = BTreeMap::new();
    let cache = match ask.cache {
        Some(cache) if !session.offline => cache,
        _ => {
            let why =
                if session.offline { "--offline: no registry is asked" } else { "no registry is asked" };
            return Ok(decide(&question, &Answers::silent(why), &nothing));
        }
    };
    let client = pass::client(ask.timeout);
    let answers = pass::ask(session, &client, cache, &question)?;
    let mut floats =
        floats::floats(session, &client, cache, &candidates, &decide(&question, &answers, &nothing));
    halt::check()?;
    let mut queue = decide(&question, &answers, &floats);
    if policy(ask.event, false).cache.write {
        let failed = carry::carry(session, &client, cache, &queue);
        if !failed.is_empty() {
            floats.extend(failed);
            queue = decide(&question, &answers, &floats);
        }
        let again = used_again(&question, &queue, &answers);
        // For as long as it takes: what decides must be quick, and has been.
        if let Err(error) = wanted::renew(&registries::client(), cache, &again) {
            queue.warnings.push(wanted::warning(&error));
        }
    }
    Ok(queue)
}

/// The images that are there and go into a merge.
fn used_again(question: &Question<'_>, queue: &Queue, answers: &Answers) -> BTreeMap<Key, ImageDigest> {
    let merged: BTreeSet<&UnitId> = question
        .groups
        .iter()
        .filter(|group| queue.is_merged(&group.suffix))
        .flat_map(Group::units)
        .collect();
    let used = question
        .candidates
        .iter()
        .filter(|candidate| merged.contains(&candidate.unit) && !queue.is_built(&candidate.unit));
    used.filter_map(|candidate| Some((candidate.key?, answers.of_key(candidate.key?).into_image()?)))
        .collect()
}
