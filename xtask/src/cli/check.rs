//! What `check` can be told.

use camino::Utf8PathBuf;
use clap::Args;

/// Look at every invariant of the repository.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask check
  cargo xtask check --rule refresh --rule unique-tags
  cargo xtask check --matrix-file .github/backend-matrix.yml --json
  cargo xtask check --list")]
pub struct Check {
    /// Only this rule; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub rule: Vec<String>,
    /// Look at the rows of this matrix as well, which is in LocalAI's format.
    #[arg(long, value_name = "FILE")]
    pub matrix_file: Option<Utf8PathBuf>,
    /// List the rules: name, what each demands, where it comes from.
    #[arg(long, conflicts_with_all = ["rule", "matrix_file"])]
    pub list: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
