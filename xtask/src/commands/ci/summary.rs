//! `ci summary`: what was queued and what was built, as one page.

use crate::cli::CiSummary;
use crate::exit::Done;
use anyhow::{Context, Result};
use ci::results::markdown;
use drive::make::results;
use drive::queue::PAGE;
use drive::session::Session;
use std::io::ErrorKind;

/// Writes it into the summary of the CI step, or prints it where there is none.
pub fn run(session: &Session, args: &CiSummary) -> Result<Done> {
    let mut page = String::new();
    if args.results.is_empty() {
        match fs_err::read_to_string(session.root.join(PAGE)) {
            Ok(text) => page.push_str(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let own = [session.root.join(results::DIR)];
    let dirs = if args.results.is_empty() { &own[..] } else { &args.results };
    let mut units = Vec::new();
    for dir in dirs {
        units.extend(results::read(dir).with_context(|| format!("cannot read the results in {dir}"))?);
    }
    if !units.is_empty() {
        page.push_str(&markdown(&units));
    }
    if page.is_empty() {
        page.push_str("Nothing was queued or built in this checkout.\n");
    }
    if !ui::github::tell("GITHUB_STEP_SUMMARY", &format!("{page}\n"))? {
        ui::print!("{page}");
    }
    Ok(Done::Well)
}
