//! `gallery`.

use super::audit::Channel;
use super::values;
use camino::Utf8PathBuf;
use clap::Args;
use model::oci::Repository;

/// Write the index of what LocalAI can install, from what is published, or check one.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask gallery
  cargo xtask gallery --development --dry-run
  cargo xtask gallery --registry localhost:5000/backends --tag v1.2.3 --output index.yaml
  cargo xtask gallery --check backend/index.yaml --json

An image gets an entry if `cargo xtask audit` finds it published, whole and the same everywhere; what gets none is told.
With --check the exit code is 4 if the index and a registry differ.")]
pub struct Gallery {
    /// Ask these repositories: the first is where images are taken from, the others are mirrors. Those of variants.yaml
    /// if none is named.
    #[arg(long, value_name = "REPOSITORY", num_args = 0..)]
    pub registry: Vec<Repository>,
    /// What the tags begin with, such as v1.2.3.
    #[arg(long, value_name = "NAME", conflicts_with = "channel")]
    pub tag: Option<String>,
    /// The same, for what moves.
    #[arg(long, value_enum, default_value_t = Channel::Latest)]
    pub channel: Channel,
    /// Add what every commit of the default branch publishes, under names that end in -development.
    #[arg(long)]
    pub development: bool,
    /// Compare this index with what the registries have, and write nothing.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output", "dry_run"])]
    pub check: Option<Utf8PathBuf>,
    /// Where the index goes.
    #[arg(long, value_name = "FILE", default_value = "backend/index.yaml")]
    pub output: Utf8PathBuf,
    /// Print the index; write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Read what is in an image if its layers are no larger than this.
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = values::bytes)]
    pub read: u64,
    /// Print JSON: what was written or differs.
    #[arg(long)]
    pub json: bool,
}

impl Gallery {
    /// What the tags begin with.
    pub fn name(&self) -> &str {
        self.tag.as_deref().unwrap_or(self.channel.as_str())
    }
}
