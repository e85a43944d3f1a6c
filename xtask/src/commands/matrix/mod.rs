//! `matrix`: what CI has to build, what it can use again, and what it merges.

mod native;
mod show;
mod yaml;

use crate::cli::Matrix as Args;
use crate::exit::{Coded, Done};
use crate::session::Session;
use anyhow::Result;
use native::Outcome;

/// Makes the matrix and prints it.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    let cache = match &args.registry {
        Some(repository) => repository.clone(),
        None => session.manifests.registry.cache.parse()?,
    };
    let matrix =
        plan::matrix::matrix(session.catalog(), &cache).map_err(|error| Coded::Usage(error.to_string()))?;
    if let Some(file) = &args.emit_yaml {
        return yaml::emit(session, &matrix, file);
    }
    let outcome = Outcome::all(matrix);
    show::show(session, args, &outcome)
}
