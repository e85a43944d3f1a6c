//! `ci`: what workflows call, and what it does on a laptop as well.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};
use plan::name::{BackendName, VariantName};
use plan::platform::Platform;

/// What workflows call.
#[derive(Debug, Clone, Subcommand)]
pub enum CiCommand {
    /// Print keys and paths of the CI service's caches that a native job restores and saves
    CacheKeys(CacheKeys),
}

/// Keys and paths of the CI service's caches.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask ci cache-keys --backend llama-cpp --platform darwin/arm64
  cargo xtask ci cache-keys --backend llama-cpp --variant metal --platform darwin/arm64 --github-output \"$GITHUB_OUTPUT\"
  cargo xtask ci cache-keys --backend minilm --platform linux/amd64 --json

The names of the outputs: brew-key, brew-path, brew-restore-keys, brew-formulas, ccache-key, ccache-path,
ccache-restore-keys, wheels-key, wheels-path, wheels-restore-keys. What a job does not use is empty.")]
pub struct CacheKeys {
    /// What the job builds.
    #[arg(long)]
    pub backend: BackendName,
    /// In which variant; the platform's default if it is not said.
    #[arg(long)]
    pub variant: Option<VariantName>,
    /// What the job runs on.
    #[arg(long)]
    pub platform: Platform,
    /// The image of the runner, such as macos15.
    #[arg(long, env = "ImageOS", hide_env_values = true)]
    pub image: Option<String>,
    /// Append the lines of GITHUB_OUTPUT to this file instead of printing them.
    #[arg(long, value_name = "FILE")]
    pub github_output: Option<Utf8PathBuf>,
    /// Print JSON.
    #[arg(long, conflicts_with = "github_output")]
    pub json: bool,
}
