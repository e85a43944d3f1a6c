//! The matrix as a table, as JSON, or as lines of `GITHUB_OUTPUT`.

use super::native::Outcome;
use crate::cli::{Matrix as Args, MatrixFormat};
use crate::exit::Done;
use anyhow::Result;
use ci::matrix::{DarwinRow, LinuxRow};
use drive::session::Session;
use model::image_names::TagSuffix;
use model::unit::UnitId;
use std::collections::BTreeSet;

#[derive(serde::Serialize)]
struct Shown<'a, R> {
    #[serde(flatten)]
    unit: &'a UnitId,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    why: &'a [String],
    row: &'a R,
}

#[derive(serde::Serialize)]
struct Document<'a> {
    linux: Vec<Shown<'a, LinuxRow>>,
    darwin: Vec<Shown<'a, DarwinRow>>,
    merges: &'a BTreeSet<TagSuffix>,
}

/// Prints what was decided.
pub fn show(session: &Session, args: &Args, outcome: &Outcome) -> Result<Done> {
    let emitted = outcome.matrix.emit(&outcome.choice)?;
    for warning in &emitted.warnings {
        session.ui.warn(warning);
    }
    if args.github_output.is_some() {
        ui::github::output(args.github_output.as_deref(), &emitted.text)?;
    }
    let format = if session.ui.json() { MatrixFormat::Json } else { args.format };
    let why = |unit: &UnitId| match outcome.why.get(unit) {
        Some(why) if args.explain => why.as_slice(),
        _ => &[],
    };
    match format {
        MatrixFormat::Json => {
            let linux = outcome.linux().map(|e| Shown { unit: &e.unit, why: why(&e.unit), row: &e.row });
            let darwin = outcome.darwin().map(|e| Shown { unit: &e.unit, why: why(&e.unit), row: &e.row });
            let merges = &outcome.choice.merged;
            session.ui.data(&Document { linux: linux.collect(), darwin: darwin.collect(), merges })?;
        }
        MatrixFormat::Github if args.github_output.is_none() => ui::print!("{}", emitted.text),
        MatrixFormat::Github => {}
        MatrixFormat::Table => table(session, args.explain, outcome),
    }
    let (built, merged) = (outcome.choice.built.len(), outcome.choice.merged.len());
    let all = outcome.matrix.units().count();
    session.ui.done(&format!("{built} of {all} units to build, {merged} images to merge"));
    Ok(Done::Well)
}

/// What is built; with reasons, also what is not.
fn table(session: &Session, explain: bool, outcome: &Outcome) {
    let linux =
        outcome.matrix.linux.iter().map(|entry| (&entry.unit, &entry.suffix, entry.row.runs_on.as_str()));
    let darwin = outcome.matrix.darwin.iter().map(|entry| (&entry.unit, &entry.suffix, "macos-latest"));
    for (unit, suffix, runner) in linux.chain(darwin) {
        let built = outcome.choice.built.contains(unit);
        let act = if built { "build" } else { "leave" };
        if !explain && built {
            session.ui.line(format_args!("{suffix:<48} {:<13} {runner}", unit.platform));
        }
        let why = outcome.why.get(unit).map_or(&[][..], Vec::as_slice);
        if explain {
            session.ui.line(format_args!("{act} {suffix:<48} {:<13} {}", unit.platform, why.join("; ")));
        }
    }
}
