//! `list`: backends, their variants and platforms, or every published unit with its key.

use crate::cli::List;
use crate::exit::Done;
use crate::kept;
use anyhow::Result;
use drive::make::{Published, census};
use drive::session::Session;

/// Prints a table, or JSON.
pub fn run(session: &Session, args: &List) -> Result<Done> {
    if args.units {
        return units(session, args.json || session.ui.json());
    }
    let backends = &session.manifests.backends;
    if args.json || session.ui.json() {
        session.ui.data(&backends.values().collect::<Vec<_>>())?;
        return Ok(Done::Well);
    }
    for backend in backends.values() {
        let floats = if backend.recipe.floats() { ", floats" } else { "" };
        let family = backend.recipe.section();
        session.ui.line(format_args!("{:<16} {} ({family}{floats})", backend.name, backend.description));
        for used in &backend.variants {
            let platforms: Vec<&str> = used.platforms.iter().map(|platform| platform.as_str()).collect();
            session.ui.line(format_args!("{:<16}   {:<14} {}", "", used.variant, platforms.join(" ")));
        }
    }
    Ok(Done::Well)
}

fn units(session: &Session, json: bool) -> Result<Done> {
    let units = census(session)?;
    if json {
        session.ui.data(&units)?;
    } else {
        for unit in &units {
            line(session, unit);
        }
    }
    kept::keep(session, &[]);
    Ok(Done::Well)
}

fn line(session: &Session, Published { unit, tag_suffix, platform_tag, key, .. }: &Published) {
    let key = key.map_or("-".to_owned(), |key| key.to_string());
    let platform_tag = if platform_tag.is_empty() { "-" } else { platform_tag };
    session.ui.line(format_args!(
        "{:<24} {:<14} {:<13} {key:<64} {platform_tag:<5} {tag_suffix}",
        unit.backend, unit.variant, unit.platform
    ));
}
