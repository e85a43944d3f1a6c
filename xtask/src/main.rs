//! `cargo xtask`: the front door.

// First: its macros are seen by what follows.
#[macro_use]
mod print;

mod artifact;
mod audit;
mod bake;
mod build;
mod change;
mod cli;
mod commands;
mod container;
mod exit;
mod images;
mod publish;
mod queue;
mod registries;
mod repo;
mod scaffold;
mod session;
mod shown;
mod ui;
mod wanted;
mod workplace;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let begun = halt::begin(|| std::process::exit(exit::STOPPED.into()));
    let cli = cli::Cli::try_parse().unwrap_or_else(|error| ui::refuse(&error));
    let ui = ui::Ui::new(&cli.global);
    let errors = ui::Ui::new(&cli.global);
    if let Err(error) = begun {
        errors.warn(&format!("Ctrl-C will not stop running builds: {error}"));
    }
    let result = commands::run(cli, ui);
    if halt::stopped() {
        // What failed since then failed because of it, and what went well need not be all that was asked for.
        errors.error("stopped; nothing half done was kept");
        return ExitCode::from(exit::STOPPED);
    }
    if let Err(error) = &result {
        match error.downcast_ref() {
            Some(exit::Coded::Wrong(shown)) => errors.wrong(shown),
            _ => errors.error(&exit::told(error)),
        }
    }
    if let (Ok(_), Some(error)) = (&result, print::failure()) {
        errors.error(&format!("cannot write to standard output: {error}"));
        return ExitCode::FAILURE;
    }
    exit::code(&result)
}
