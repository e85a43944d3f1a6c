//! Options of `matrix` for a matrix that is written by hand.

use camino::Utf8PathBuf;
use clap::Args;

/// Heading of these options.
const HEADING: &str = "A matrix written by hand";

/// Select from a matrix that is written by hand, by rules, instead of from the manifests.
#[derive(Debug, Clone, Default, Args)]
pub struct Reference {
    /// Select from this matrix: a YAML file with the lists `include` and `includeDarwin`.
    #[arg(help_heading = HEADING, long, value_name = "FILE", conflicts_with_all = ["base", "head", "all", "emit_yaml", "registry"])]
    pub matrix_file: Option<Utf8PathBuf>,
    /// Which files are inputs of which entries: a file, or `localai` or `localai-corrected`, which come with xtask.
    #[arg(help_heading = HEADING, long, value_name = "FILE", default_value = localai::filter::rules::LOCALAI, requires = "matrix_file")]
    pub rules: Utf8PathBuf,
    /// The changed files as GitHub's API tells them: one path a line, or a JSON array of paths or of objects with
    /// `filename`. Without it the API is asked.
    #[arg(help_heading = HEADING, long, value_name = "FILE", requires = "matrix_file", conflicts_with = "changed_unknown")]
    pub changed_files: Option<Utf8PathBuf>,
    /// Nobody knows what changed.
    #[arg(help_heading = HEADING, long, requires = "matrix_file")]
    pub changed_unknown: bool,
    /// The matrix before the change; looked at if it is among the changed files.
    #[arg(help_heading = HEADING, long, value_name = "FILE", requires = "matrix_file")]
    pub previous_matrix: Option<Utf8PathBuf>,
    /// The contract of the backends; by default the one that the rules name, below `--tree`.
    #[arg(help_heading = HEADING, long, value_name = "FILE", requires = "matrix_file")]
    pub proto: Option<Utf8PathBuf>,
    /// The contract before the change; looked at if it is among the changed files.
    #[arg(help_heading = HEADING, long, value_name = "FILE", requires = "matrix_file")]
    pub previous_proto: Option<Utf8PathBuf>,
    /// Where the files of the repository are; rules may look at their lines.
    #[arg(help_heading = HEADING, long, value_name = "DIR", default_value = ".", requires = "matrix_file")]
    pub tree: Utf8PathBuf,
    /// Where they are as they were before the change. Without it the API is asked, or nothing is known of them.
    #[arg(help_heading = HEADING, long, value_name = "DIR", requires = "matrix_file")]
    pub previous_tree: Option<Utf8PathBuf>,
}
