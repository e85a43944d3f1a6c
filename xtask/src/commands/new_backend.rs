//! `new-backend`: starts a backend.

use crate::cli::NewBackend;
use crate::exit::Done;
use crate::scaffold::{self, Scaffold};
use anyhow::Result;
use drive::error::Coded;
use drive::session::Session;

/// Writes the directory, or lists what it would hold.
pub fn run(session: &Session, args: &NewBackend) -> Result<Done> {
    let NewBackend { language, name, description, dry_run } = args;
    scaffold::check_name(&session.manifests, *language, name).map_err(Coded::Usage)?;
    let scaffold = Scaffold::new(*language, name, description.as_deref());
    let drafted = scaffold::place(&session.root, &scaffold)?;
    let count = scaffold.files.len();
    if *dry_run {
        for (path, _) in &scaffold.files {
            session.ui.line(format_args!("{path}"));
        }
        session.ui.done(&format!("would write {count} files; the manifest is fine"));
        return Ok(Done::Well);
    }
    drafted.keep()?;
    let Scaffold { dir, test, .. } = &scaffold;
    session.ui.line(format_args!("cargo xtask build-backend {name}"));
    session.ui.line(format_args!("cargo xtask run-backend {name} --prompt Hi"));
    session.ui.line(format_args!(
        "then {dir}/{} and {test} become what you want: docs/adding-a-backend.md",
        language.heart()
    ));
    session.ui.done(&format!("wrote {count} files: {dir} and its test"));
    Ok(Done::Well)
}
