//! What the registry leaves of the matrix.

use super::native::Outcome;
use crate::cli::Matrix as Args;
use anyhow::Result;
use ci::matrix::{Choice, Matrix};
use ci::queue::{Decided, Occasion, Queue, counts};
use drive::queue::{self, Ask};
use drive::session::Session;
use model::event::{Event, Trigger};
use model::oci::Repository;
use model::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What was decided, and what led to it.
pub struct Told<'a> {
    /// What was decided.
    pub queue: &'a Queue,
    /// How the touched units were found.
    pub evidence: &'a str,
    /// Nothing is known of the change, or all was asked for.
    pub everything: bool,
    /// Why they are touched.
    pub reasons: BTreeMap<UnitId, Vec<String>>,
}

/// Asks the registry and decides. Who asks for all units means a change of all of them, whatever the event.
pub fn queue(
    session: &Session,
    args: &Args,
    cache: &Repository,
    selected: &BTreeSet<UnitId>,
    all: bool,
) -> Result<Queue> {
    let mut event = Event::read(&exec::event::capture());
    if all && Occasion::of(&event) == Occasion::Refresh {
        event.trigger = Trigger::Local;
    }
    let ask = Ask {
        event: &event,
        selected,
        cache: (!args.no_registry).then_some(cache),
        timeout: Duration::from_secs(args.registry_timeout),
        force: args.force,
    };
    queue::queue(session, &ask)
}

/// The rows that are left, with pages for people.
pub fn outcome(session: &Session, matrix: Matrix, told: &Told<'_>) -> Result<Outcome> {
    let Told { queue, evidence, everything, reasons } = told;
    for warning in &queue.warnings {
        session.ui.warn(warning);
    }
    let because = |decided: &Decided| reasons.get(&decided.unit).map(|reasons| reasons.join("; "));
    queue::publish(session, queue, evidence, &because)?;
    session.ui.note(&counts(queue).to_string());
    let built: BTreeSet<UnitId> = queue.builds().cloned().collect();
    let touched = reasons.keys().chain(&built).map(|unit| unit.backend.clone()).collect();
    let why = |decided: &Decided| {
        let own = format!("{}: {}", decided.action.name(), decided.action);
        let why = std::iter::once(own).chain(reasons.get(&decided.unit).into_iter().flatten().cloned());
        (decided.unit.clone(), why.collect())
    };
    let choice = Choice {
        run_all: *everything,
        merged: queue.merges.iter().map(|merge| merge.suffix.clone()).collect(),
        touched,
        built,
    };
    Ok(Outcome { why: queue.units.iter().map(why).collect(), matrix, choice })
}
