//! `ci`: one file per thing that workflows call.

mod bucket;
mod builder;
mod cache_keys;
mod disk;
mod hand_on;
mod images;
mod login;
mod push;
mod summary;

use crate::cli::CiCommand;
use crate::exit::Done;
use anyhow::Result;
use drive::session::Session;

/// Does what was asked for.
pub fn run(session: &Session, command: &CiCommand) -> Result<Done> {
    match command {
        CiCommand::CacheKeys(args) => cache_keys::run(session, args),
        CiCommand::FreeDisk(options) => disk::free(session, *options),
        CiCommand::SetupDisk(options) => disk::set_up(session, *options),
        CiCommand::Bucket(args) => bucket::run(session, args),
        CiCommand::Builder => builder::run(session),
        CiCommand::Login => login::run(session),
        CiCommand::Images(args) => images::run(session, args),
        CiCommand::Push(args) => push::run(session, args),
        CiCommand::HandOn { dir, github_output } => hand_on::hand_on(session, dir, github_output.as_deref()),
        CiCommand::TakeOn { dir } => hand_on::take_on(session, dir),
        CiCommand::Summary(args) => summary::run(session, args),
    }
}
