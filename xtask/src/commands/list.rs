//! `list`: backends, their variants and platforms.

use crate::cli::List;
use crate::exit::Done;
use crate::session::Session;
use anyhow::Result;

/// Prints a table, or JSON.
pub fn run(session: &Session, args: &List) -> Result<Done> {
    let backends = &session.manifests.backends;
    if args.json || session.ui.json() {
        session.ui.data(&backends.values().collect::<Vec<_>>())?;
        return Ok(Done::Well);
    }
    for backend in backends.values() {
        session.ui.line(format_args!("{:<16} {}", backend.name, backend.description));
        for used in &backend.variants {
            let platforms: Vec<&str> = used.platforms.iter().map(|platform| platform.as_str()).collect();
            session.ui.line(format_args!("{:<16}   {:<14} {}", "", used.variant, platforms.join(" ")));
        }
    }
    Ok(Done::Well)
}
