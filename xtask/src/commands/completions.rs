//! `completions`: for bash, zsh, fish and others.

use crate::cli::Cli;
use crate::exit::Done;
use clap::CommandFactory;
use clap_complete::Shell;

/// Prints the completions of one shell.
pub fn run(shell: Shell) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cargo-xtask", &mut script);
    ui::print!("{}", String::from_utf8_lossy(&script));
    Done::Well
}
