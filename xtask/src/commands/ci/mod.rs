//! `ci`: one file per thing that workflows call.

mod cache_keys;

use crate::cli::CiCommand;
use crate::exit::Done;
use crate::session::Session;
use anyhow::Result;

/// Does what was asked for.
pub fn run(session: &Session, command: &CiCommand) -> Result<Done> {
    match command {
        CiCommand::CacheKeys(args) => cache_keys::run(session, args),
    }
}
