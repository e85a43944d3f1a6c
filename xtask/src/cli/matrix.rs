//! `matrix` and what can be said to it.

mod reference;

pub use reference::Reference;

use super::ChangeArgs;
use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use model::oci::Repository;

/// What CI has to build.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask matrix --all
  cargo xtask matrix --base origin/master --head HEAD --explain
  cargo xtask matrix --event-path event.json --format github --github-output out
  cargo xtask matrix --all --emit-yaml backend-matrix.yml
  cargo xtask matrix --matrix-file .github/backend-matrix.yml --event-path event.json --changed-files files.txt")]
pub struct Matrix {
    #[command(flatten)]
    pub change: ChangeArgs,
    /// The Mac of the jobs for macOS, as `doctor --capture` writes it: with it their keys are known, and what the registry
    /// has of them is not queued.
    #[arg(long, value_name = "FILE")]
    pub host: Option<Utf8PathBuf>,
    /// Every published unit, whatever changed; and whatever the registry has, unless --registry is given.
    #[arg(long, conflicts_with_all = ["base", "head", "event_path"])]
    pub all: bool,
    /// How to print it: for people, as JSON, or as the lines of GITHUB_OUTPUT.
    #[arg(long, value_enum, default_value_t = MatrixFormat::Table)]
    pub format: MatrixFormat,
    /// Say of every unit why it is built or left.
    #[arg(long)]
    pub explain: bool,
    /// Append the lines of GITHUB_OUTPUT to this file.
    #[arg(long, value_name = "FILE")]
    pub github_output: Option<Utf8PathBuf>,
    /// Write the rows as a data-only YAML file, in the format of `--matrix-file`; to standard output without a name or as `-`.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", conflicts_with = "format")]
    pub emit_yaml: Option<Utf8PathBuf>,
    /// The repository that is asked for images that exist; that of backend/variants.yaml by default.
    #[arg(long, value_name = "REPOSITORY", conflicts_with = "no_registry")]
    pub registry: Option<Repository>,
    /// Seconds that the registry may take for all answers; what it has not answered by then is built.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub registry_timeout: u64,
    /// Build whatever is touched, even if the registry has it.
    #[arg(long)]
    pub force: bool,
    /// Ask no registry: whatever is touched is built.
    #[arg(long)]
    pub no_registry: bool,
    #[command(flatten)]
    pub reference: Reference,
}

/// How a matrix is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MatrixFormat {
    /// For people.
    Table,
    /// JSON.
    Json,
    /// `key=value`, as GITHUB_OUTPUT takes them.
    Github,
}
