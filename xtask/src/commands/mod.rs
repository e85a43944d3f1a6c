//! One file per command; this one only dispatches.

mod affected;
mod audit;
mod base_images;
mod build_backend;
mod build_image;
mod bundle;
mod cache;
mod check;
mod ci;
mod clean;
mod completions;
mod doctor;
mod gallery;
mod generate;
mod hash;
mod import_matrix;
mod install_base_deps;
mod list;
mod lock;
mod matrix;
mod merge;
mod new_backend;
mod plan;
mod replace;
mod run_backend;
mod sources;
mod test;
mod why;
mod workflows;

pub use build_backend::report as tell_fresh;

use crate::cli::{Cli, Command};
use crate::exit::Done;
use anyhow::Result;
use drive::session::Session;
use ui::Ui;

/// Runs the command that was typed.
pub fn run(cli: Cli, ui: Ui) -> Result<Done> {
    let Cli { global, command } = cli;
    if let Command::Completions { shell } = command {
        return Ok(completions::run(shell));
    }
    if let Command::ImportMatrix(args) = &command {
        return import_matrix::run(&ui, args);
    }
    // Works on a matrix of any repository: neither a checkout nor its manifests are needed.
    if let Command::Matrix(args) = &command
        && let Some(file) = &args.reference.matrix_file
    {
        return matrix::reference(&ui, global.offline, args, file);
    }
    // It says what is wrong with manifests that no session could be opened with.
    if let Command::Check(args) = command {
        return check::run(&ui, &args);
    }
    let session = Session::open(ui, global.offline)?;
    let session = match command.other_host() {
        Some(file) => session.on(file)?,
        None => session,
    };
    match command {
        Command::BuildBackend(args) if args.install_deps => build_backend::run(&session.installing(), &args),
        Command::BuildBackend(args) => build_backend::run(&session, &args),
        Command::RunBackend(args) => run_backend::run(&session, &args),
        Command::TestBackend(args) => run_backend::test(&session, &args),
        Command::Why(args) => why::run(&session, &args),
        Command::Plan(args) if args.stage => plan::run(&session, &args),
        Command::Plan(args) => plan::run(&session.looking(), &args),
        Command::List(args) => list::run(&session, &args),
        Command::Lock(args) => lock::run(&session, &args),
        Command::Hash(args) => hash::run(&session, &args),
        Command::Affected(args) => affected::run(&session, &args),
        Command::Sources(args) => sources::run(&session, &args),
        Command::BaseImages(args) => base_images::run(&session, &args),
        Command::BuildImage(args) => build_image::run(&session, &args),
        Command::InstallBaseDeps(args) => install_base_deps::run(&session.installing(), &args),
        Command::Cache { command } => cache::run(&session, &command),
        Command::Matrix(args) => matrix::run(&session, &args),
        Command::Ci { command } => ci::run(&session, &command),
        Command::Workflows(args) => workflows::run(&session, &args),
        Command::Merge(args) => merge::run(&session, &args),
        Command::Audit(args) => audit::run(&session, &args),
        Command::Gallery(args) => gallery::run(&session, &args),
        Command::Bundle(args) => bundle::run(&session, &args),
        Command::NewBackend(args) => new_backend::run(&session, &args),
        Command::Clean(args) => clean::run(&session, &args),
        Command::Doctor(args) => doctor::run(&session, &args),
        Command::Check(args) => check::run(&session.ui, &args),
        Command::Generate(args) => generate::run(&session, &args),
        Command::Test(args) => test::run(&session, &args),
        Command::ImportMatrix(args) => import_matrix::run(&session.ui, &args),
        Command::Completions { shell } => Ok(completions::run(shell)),
    }
}
