//! `cargo xtask`: the front door.

mod cli;
mod commands;
mod exit;
mod scaffold;

use clap::Parser;
use drive::error;
use std::process::ExitCode;
use ui::Ui;

fn main() -> ExitCode {
    let begun = halt::begin(|| std::process::exit(exit::STOPPED.into()));
    let cli = cli::Cli::try_parse().unwrap_or_else(|error| cli::refuse(&error));
    let ui = Ui::new(cli.global.reporting());
    let errors = Ui::new(cli.global.reporting());
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
            Some(error::Coded::Wrong(shown)) => errors.wrong(shown),
            _ => errors.error(&error::told(error)),
        }
    }
    if let (Ok(_), Some(error)) = (&result, ui::failure()) {
        errors.error(&format!("cannot write to standard output: {error}"));
        return ExitCode::FAILURE;
    }
    exit::code(&result)
}
