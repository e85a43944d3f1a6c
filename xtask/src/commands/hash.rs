//! `hash`: a unit's key, for scripts.

use super::why;
use crate::cli::Hash;
use crate::exit::Done;
use crate::kept;
use anyhow::Result;
use drive::session::Session;

/// Prints the key.
pub fn run(session: &Session, args: &Hash) -> Result<Done> {
    session.ui.line(format_args!("{}", why::keyed(session, &args.selection)?.key));
    kept::keep(session, &[]);
    Ok(Done::Well)
}
