//! The command line's parser, asked about lines that documents show.

use crate::cli::Cli;
use check::Verdict;
use clap::CommandFactory;
use clap::error::ErrorKind;
use std::sync::{Mutex, PoisonError};

/// What clap says of words behind `cargo xtask`.
pub fn parser() -> impl Fn(&[String]) -> Verdict + Sync {
    let command = Mutex::new(Cli::command());
    move |words| {
        let words = ["cargo xtask"].into_iter().chain(words.iter().map(String::as_str));
        let mut command = command.lock().unwrap_or_else(PoisonError::into_inner);
        match command.try_get_matches_from_mut(words) {
            Ok(_) => Verdict::Understood,
            Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
                Verdict::Understood
            }
            Err(error) => {
                let text = error.to_string();
                let why = text.lines().next().unwrap_or_default();
                Verdict::Wrong(why.trim_start_matches("error: ").to_owned())
            }
        }
    }
}
