//! `import-matrix` and what can be said to it.

use camino::Utf8PathBuf;
use clap::Args;

/// Turn a matrix that is kept by hand into a table of variants and a list per backend, or back.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask import-matrix backend-matrix.yml --check
  cargo xtask import-matrix backend-matrix.yml --out matrix
  cargo xtask import-matrix matrix --emit-yaml backend-matrix.yml

Nothing is lost: what comes back has the same rows in the same order, each with the same fields in the same order.
Comments are not data. A row that cannot be told is an error with line and column, and then nothing is written.")]
pub struct ImportMatrix {
    /// The matrix, with `include` and `includeDarwin`; or a directory that --out wrote.
    pub from: Utf8PathBuf,
    /// Write variants.yaml, backends.yaml and order.yaml into this directory.
    #[arg(long, value_name = "DIR")]
    pub out: Option<Utf8PathBuf>,
    /// Write nothing; say whether everything would come back. The default without --out and --emit-yaml.
    #[arg(long, conflicts_with_all = ["out", "emit_yaml"])]
    pub check: bool,
    /// Write the rows as a matrix again; to standard output without a name or as `-`.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    pub emit_yaml: Option<Utf8PathBuf>,
    /// Print the counts as JSON.
    #[arg(long)]
    pub json: bool,
}
