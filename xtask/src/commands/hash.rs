//! `hash`: a unit's key, for scripts.

use super::why;
use crate::cli::Selection;
use crate::exit::Done;
use crate::session::Session;
use anyhow::Result;

/// Prints the key.
pub fn run(session: &Session, selection: &Selection) -> Result<Done> {
    println!("{}", why::keyed(session, selection)?.key);
    Ok(Done::Well)
}
