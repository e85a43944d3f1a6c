//! `list`: backends, their variants and platforms.

use crate::cli::List;
use crate::exit::Done;
use crate::session::Session;
use anyhow::Result;

/// Prints a table, or JSON.
pub fn run(session: &Session, args: &List) -> Result<Done> {
    let backends = &session.manifests.backends;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&backends.values().collect::<Vec<_>>())?);
        return Ok(Done::Well);
    }
    for backend in backends.values() {
        println!("{:<16} {}", backend.name, backend.description);
        for used in &backend.variants {
            let platforms: Vec<&str> = used.platforms.iter().map(|platform| platform.as_str()).collect();
            println!("{:<16}   {:<14} {}", "", used.variant, platforms.join(" "));
        }
    }
    Ok(Done::Well)
}
