//! `hash`: a unit's key, for scripts.

use super::why;
use crate::cli::Selection;
use crate::exit::Done;
use crate::kept;
use anyhow::Result;
use drive::session::Session;

/// Prints the key.
pub fn run(session: &Session, selection: &Selection) -> Result<Done> {
    session.ui.line(format_args!("{}", why::keyed(session, selection)?.key));
    kept::keep(session, &[]);
    Ok(Done::Well)
}
