//! `cache`: what the local cache and the one in the registry hold, and how to make them smaller.

mod dates;
mod evict;
mod kind;
mod local;
mod remote;
mod remote_gc;
mod remote_ls;

use crate::cli::{CacheCommand, Gc};
use crate::exit::Done;
use anyhow::Result;
use drive::session::{Session, cache_dir};
use remote::Remote;
use std::time::Duration;
use store::Policy;
use ui::size;

/// Packages of a developer's machine.
const LOCAL_BUDGET: u64 = 20 << 30;
const LOCAL_GRACE: Duration = Duration::from_hours(24);

/// Runs one of the cache commands.
pub fn run(session: &Session, command: &CacheCommand) -> Result<Done> {
    match command {
        CacheCommand::Path => {
            session.ui.line(format_args!("{}", cache_dir()?));
            Ok(Done::Well)
        }
        CacheCommand::Ls { place, json } => match &place.registry {
            Some(place) => remote_ls::ls(session, &Remote::open(session, place.repository())?, *json),
            None => local::ls(session, *json),
        },
        CacheCommand::Stat { place, json } => match &place.registry {
            Some(place) => remote_ls::stat(session, &Remote::open(session, place.repository())?, *json),
            None => local::stat(session, *json),
        },
        CacheCommand::Verify { evict } => local::verify(session, *evict),
        CacheCommand::Evict(args) => {
            evict::run(session, &Remote::open(session, args.registry.as_ref())?, args)
        }
        CacheCommand::Gc(args) => gc(session, args),
    }
}

fn gc(session: &Session, args: &Gc) -> Result<Done> {
    if let Some(place) = &args.place.registry {
        return remote_gc::run(session, &Remote::open(session, place.repository())?, args);
    }
    let budget = args.budget.unwrap_or(LOCAL_BUDGET);
    let grace = args.grace.unwrap_or(LOCAL_GRACE);
    local::gc(session, Policy { budget, grace, dry_run: args.dry_run })
}
