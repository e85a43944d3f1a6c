//! `matrix`: what CI has to build, what it can use again, and what it merges.

mod native;
mod reference;
mod show;
mod yaml;

use crate::change;
use crate::cli::Matrix as Args;
use crate::exit::{Coded, Done};
use crate::session::Session;
use anyhow::Result;
use native::Outcome;
use plan::matrix::Matrix;
use plan::oci::Repository;
use plan::recipe::Catalog;

pub use reference::run as reference;

/// Makes the matrix and prints it.
pub fn run(session: &Session, args: &Args) -> Result<Done> {
    let cache = match &args.registry {
        Some(repository) => repository.clone(),
        None => session.manifests.registry.cache.parse()?,
    };
    if args.all || args.emit_yaml.is_some() {
        let matrix = rows(session.catalog(), &cache)?;
        return match &args.emit_yaml {
            Some(file) => yaml::emit(session, &matrix, file),
            None => show::show(session, args, &Outcome::all(matrix)),
        };
    }
    let captured = change::capture(session, &args.change)?;
    for note in &captured.notes {
        session.ui.note(note);
    }
    let selection = change::select(session, &captured)?;
    session.ui.note(&format!("{} · by {}: {}", captured.title, selection.evidence, selection.why));
    let matrix = rows(captured.catalog(session), &cache)?;
    show::show(session, args, &Outcome::touched(matrix, &selection))
}

fn rows(catalog: Catalog<'_>, cache: &Repository) -> Result<Matrix> {
    plan::matrix::matrix(catalog, cache).map_err(|error| Coded::Usage(error.to_string()).into())
}
