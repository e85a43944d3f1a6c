//! `ci bucket`: the bucket of time that all jobs of a run are to agree on.

use crate::cli::Bucket as Args;
use crate::exit::Done;
use anyhow::Result;
use drive::session::Session;

/// Prints it, or appends it to the file that the CI service reads; nothing where no key holds one.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    let line = format!("bucket={}\n", session.host.refresh.as_deref().unwrap_or_default());
    ui::github::output(args.github_output.as_deref(), &line)?;
    Ok(Done::Well)
}
