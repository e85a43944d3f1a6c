//! `matrix`: what CI has to build, what it can use again, and what it merges.

mod native;
mod queued;
mod reference;
mod show;
mod yaml;

use crate::cli::Matrix as Args;
use crate::exit::Done;
use crate::kept;
use anyhow::Result;
use ci::affected::Evidence;
use ci::matrix::Matrix;
use ci::queue::Occasion;
use drive::change;
use drive::error::Coded;
use drive::session::Session;
use model::manifest::Manifests;
use model::oci::Repository;
use native::Outcome;
use std::collections::BTreeMap;

pub use reference::run as reference;

/// Makes the matrix and prints it.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    let cache = match &args.registry {
        Some(repository) => repository.clone(),
        None => session.manifests.registry.cache.parse()?,
    };
    if let Some(file) = &args.emit_yaml {
        return yaml::emit(session, &rows(&session.manifests, &cache)?, file);
    }
    if args.all {
        let matrix = rows(&session.manifests, &cache)?;
        if args.registry.is_none() {
            let done = show::show(session, args, &Outcome::all(matrix))?;
            if args.github_output.is_none() {
                kept::keep(session, &[]);
            }
            return Ok(done);
        }
        let selected = matrix.units().cloned().collect();
        let queue = queued::queue(session, args, &cache, &selected, true)?;
        let told = queued::Told {
            queue: &queue,
            evidence: "all units were asked for",
            everything: true,
            reasons: BTreeMap::new(),
        };
        return show::show(session, args, &queued::outcome(session, matrix, &told)?);
    }
    let captured = change::capture(session, &(&args.change).into())?;
    for note in &captured.notes {
        session.ui.note(note);
    }
    let selection = change::select(session, &captured)?;
    let evidence = format!("{} · by {}: {}", captured.title, selection.evidence, selection.why);
    session.ui.note(&evidence);
    let matrix = rows(captured.manifests(session), &cache)?;
    if !captured.is_checked_out() {
        session.ui.note(
            "the registry is not asked: keys are known of what is checked out, and that is another revision",
        );
        return show::show(session, args, &Outcome::touched(matrix, &selection));
    }
    let selected = selection.units.keys().cloned().collect();
    let queue = queued::queue(session, args, &cache, &selected, false)?;
    let everything = selection.evidence == Evidence::Everything;
    // A release and a timer are about every unit: what has changed is no reason for anything.
    let is_change = matches!(queue.occasion, Occasion::Change | Occasion::Check);
    let reasons = if is_change { Outcome::reasons(&selection) } else { BTreeMap::new() };
    let told = queued::Told { queue: &queue, evidence: &evidence, everything, reasons };
    let outcome = queued::outcome(session, matrix, &told)?;
    show::show(session, args, &outcome)
}

fn rows(manifests: &Manifests, cache: &Repository) -> Result<Matrix> {
    ci::matrix::matrix(manifests, cache).map_err(|error| Coded::Usage(error.to_string()).into())
}
