//! `cargo xtask`: the front door.

mod cli;
mod commands;
mod exit;
mod kept;
mod scaffold;

use anyhow::Result;
use clap::Parser;
use drive::error;
use exit::Done;
use std::process::ExitCode;
use std::time::Instant;
use ui::{Reporting, Ui};

fn main() -> ExitCode {
    let began = Instant::now();
    let question = kept::question();
    if question.as_ref().is_some_and(|question| kept::tell_again(question, began).is_some()) {
        return ended(&Ui::new(Reporting::default()), &Ok(Done::Well));
    }
    let heard = halt::begin(|| std::process::exit(exit::STOPPED.into()));
    let cli = cli::Cli::try_parse().unwrap_or_else(|error| cli::refuse(&error));
    let ui = Ui::new(cli.global.reporting());
    let errors = Ui::new(cli.global.reporting());
    if let Err(error) = heard {
        errors.warn(&format!("Ctrl-C will not stop running builds: {error}"));
    }
    if let Some(question) = question {
        kept::begin(question);
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
    ended(&errors, &result)
}

/// The exit code; what was printed and lost is a failure.
fn ended(errors: &Ui, result: &Result<Done>) -> ExitCode {
    if let (Ok(_), Some(error)) = (result, ui::failure()) {
        errors.error(&format!("cannot write to standard output: {error}"));
        return ExitCode::FAILURE;
    }
    exit::code(result)
}
