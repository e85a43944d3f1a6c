//! `new-backend`.

use crate::scaffold::Language;
use clap::Args;
use model::name::BackendName;

/// Start a backend: a directory that builds, is tested and answers at once.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask new-backend go echo
  cargo xtask new-backend python reverse --description \"Embeds a text read backwards\"
  cargo xtask new-backend cpp tiny --dry-run

The server implements Health, Status and Embedding, without a model. Nothing is changed if anything is wrong.")]
pub struct NewBackend {
    /// What it is written in.
    #[arg(value_enum, value_name = "LANG")]
    pub language: Language,
    /// What it is called: the directory, the images, the program.
    pub name: BackendName,
    /// What it does, in one line.
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub description: Option<String>,
    /// List the files; write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// The longest description; `list` shows it in one line.
const LONGEST: usize = 200;

fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    let count = text.chars().count();
    if count == 0 || count > LONGEST || text.chars().any(char::is_control) {
        return Err(format!("expected one line of 1 to {LONGEST} characters"));
    }
    Ok(text.to_owned())
}
