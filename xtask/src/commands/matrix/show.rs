//! The matrix as a table or as JSON.

use super::native::Outcome;
use crate::cli::{Matrix as Args, MatrixFormat};
use crate::exit::{Coded, Done};
use crate::session::Session;
use anyhow::Result;
use plan::matrix::{DarwinRow, LinuxRow};
use plan::unit::UnitId;

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
}

/// Prints what was decided.
pub fn show(session: &Session, args: &Args, outcome: &Outcome) -> Result<Done> {
    let format = if session.ui.json() { MatrixFormat::Json } else { args.format };
    let why = |unit: &UnitId| match outcome.verdicts.get(unit) {
        Some(verdict) if args.explain => verdict.why.as_slice(),
        _ => &[],
    };
    match format {
        MatrixFormat::Json => {
            let linux = outcome.linux().map(|e| Shown { unit: &e.unit, why: why(&e.unit), row: &e.row });
            let darwin = outcome.darwin().map(|e| Shown { unit: &e.unit, why: why(&e.unit), row: &e.row });
            session.ui.data(&Document { linux: linux.collect(), darwin: darwin.collect() })?;
        }
        MatrixFormat::Github => {
            return Err(Coded::Usage("--format github is not there yet".to_owned()).into());
        }
        MatrixFormat::Table => {
            for entry in outcome.linux() {
                line(session, entry.suffix.as_str(), &entry.unit, why(&entry.unit));
            }
            for entry in outcome.darwin() {
                line(session, entry.suffix.as_str(), &entry.unit, why(&entry.unit));
            }
        }
    }
    let builds = outcome.linux().count() + outcome.darwin().count();
    session.ui.done(&format!("{builds} jobs for {} units", outcome.matrix.len()));
    Ok(Done::Well)
}

fn line(session: &Session, suffix: &str, unit: &UnitId, why: &[String]) {
    session.ui.line(format_args!("{suffix:<48} {}", unit.platform));
    for reason in why {
        session.ui.line(format_args!("    {reason}"));
    }
}
