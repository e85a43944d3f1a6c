//! Arguments of `lock`.

use clap::Args;
use model::name::{BackendName, VariantName};

/// Write what the requirements of a Python backend come to now, as one `pylock.<variant>.toml` a variant.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask lock minilm
  cargo xtask lock minilm --variant cpu --diff")]
pub struct Lock {
    /// A Python backend, as `cargo xtask list` shows it.
    pub backend: BackendName,
    /// Only of this variant.
    #[arg(long)]
    pub variant: Option<VariantName>,
    /// Write nothing, and say what would differ; exit code 4 if anything would.
    #[arg(long)]
    pub diff: bool,
}
