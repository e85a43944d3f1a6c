//! `audit`.

use super::values;
use clap::{Args, ValueEnum};
use model::oci::Repository;

/// Say what is promised and not published, or published and broken.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask audit
  cargo xtask audit --registry --tag v1.2.3
  cargo xtask audit --registry localhost:5000/backends --cache localhost:5000/cache --json

Without --registry nothing is asked: the images that the manifests promise are listed. A registry that cannot be asked
is an error (1) and never taken for a complete one (0) or an incomplete one (4).")]
pub struct Audit {
    /// Ask these repositories; those of variants.yaml if none is named.
    #[arg(long, value_name = "REPOSITORY", num_args = 0..)]
    pub registry: Option<Vec<Repository>>,
    /// What the tags begin with, such as v1.2.3.
    #[arg(long, value_name = "NAME", requires = "registry", conflicts_with = "channel")]
    pub tag: Option<String>,
    /// The same, for what moves.
    #[arg(long, value_enum, requires = "registry", default_value_t = Channel::Latest)]
    pub channel: Channel,
    /// The repository that must have the images of this checkout under their keys. By default that of variants.yaml if
    /// --registry names none, else it is not asked.
    #[arg(long, value_name = "REPOSITORY", requires = "registry")]
    pub cache: Option<Repository>,
    /// Ask these repositories for root images. By default those of variants.yaml if --registry names none, else none.
    #[arg(long, value_name = "REPOSITORY", requires = "registry")]
    pub root_registry: Vec<Repository>,
    /// Read what is in an image if its layers are no larger than this.
    #[arg(long, value_name = "SIZE", requires = "registry", default_value = "64M", value_parser = values::bytes)]
    pub read: u64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Tags that move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Channel {
    /// Every commit of the default branch.
    Master,
    /// The newest release.
    Latest,
}

impl Channel {
    /// What the tags begin with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Latest => "latest",
        }
    }
}

impl Audit {
    /// What the tags begin with.
    pub fn name(&self) -> &str {
        self.tag.as_deref().unwrap_or(self.channel.as_str())
    }
}
