//! `import-matrix` and what can be said to it.

use camino::Utf8PathBuf;
use clap::Args;

/// Turn a matrix that is kept by hand into a table of variants and a list per backend, or back.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask import-matrix backend-matrix.yml --check
  cargo xtask import-matrix backend-matrix.yml --out matrix
  cargo xtask import-matrix matrix --emit-yaml backend-matrix.yml
  cargo xtask import-matrix --adopt ~/LocalAI --check
  cargo xtask import-matrix --adopt .

Nothing is lost: what comes back has the same rows in the same order, each with the same fields in the same order.
Comments are not data. A row that cannot be told is an error with line and column, and then nothing is written.

With --adopt the tree itself is read: its Makefiles, Dockerfiles and Go imports become a backend.yaml for each backend, the
trees that they fetch rows of sources.yaml, and rows that no variant fits new variants. A manifest that somebody edited stays
as it is. Run it again after a merge: it says what is new.")]
pub struct ImportMatrix {
    /// The matrix, with `include` and `includeDarwin`; or a directory that --out wrote. With --adopt, the tree's own.
    #[arg(required_unless_present = "adopt")]
    pub from: Option<Utf8PathBuf>,
    /// Write manifests for the backends of a tree that Makefiles and Dockerfiles build.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "emit_yaml"])]
    pub adopt: Option<Utf8PathBuf>,
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
