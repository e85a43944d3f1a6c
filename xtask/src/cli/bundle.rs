//! `bundle`.

use super::OtherHost;
use camino::Utf8PathBuf;
use clap::{ArgGroup, Args};
use model::name::{BackendName, VariantName};
use model::oci::Repository;
use model::platform::Platform;

/// Put packages into one file for machines without a network, or take them out of it.
#[derive(Debug, Clone, Args)]
#[command(
    group = ArgGroup::new("what").required(true).args(["output", "verify", "from"]),
    after_help = "Examples:
  cargo xtask bundle llama-cpp local-store --output offline.tar
  cargo xtask bundle --all --platform linux/amd64,linux/arm64 --variant cpu --output offline.tar
  cargo xtask bundle --verify offline.tar
  cargo xtask bundle --from offline.tar --into /srv/localai/backends
  cargo xtask bundle llama-cpp --from offline.tar --push localhost:5000/backends --gallery index.yaml

Packages are those that this machine has in its cache, built for any processor, and else those that the registry has under
their keys. Only making a bundle asks a registry."
)]
pub struct Bundle {
    /// Backends; of a file all that are in it, if none is named.
    pub backends: Vec<BackendName>,
    /// Every backend.
    #[arg(long, conflicts_with_all = ["backends", "verify", "from"])]
    pub all: bool,
    /// Which variants; by default those that backend/variants.yaml has for each platform.
    #[arg(long, value_delimiter = ',', conflicts_with_all = ["verify", "from"])]
    pub variant: Vec<VariantName>,
    /// For which platforms; by default this machine's.
    #[arg(long, value_delimiter = ',', conflicts_with = "verify")]
    pub platform: Vec<Platform>,
    /// The repository that has published packages under their keys; by default that of backend/variants.yaml.
    #[arg(long, value_name = "REPOSITORY", requires = "output")]
    pub registry: Option<Repository>,
    /// Write the bundle here.
    #[arg(long, value_name = "FILE.tar")]
    pub output: Option<Utf8PathBuf>,
    /// With --output: say what would be in it, and write nothing.
    #[arg(long, requires = "output")]
    pub dry_run: bool,
    /// Make sure that a bundle is whole and that every package in it is sound.
    #[arg(long, value_name = "FILE.tar", conflicts_with = "backends")]
    pub verify: Option<Utf8PathBuf>,
    /// Take packages out of this bundle.
    #[arg(long, value_name = "FILE.tar")]
    pub from: Option<Utf8PathBuf>,
    /// With --from: install this machine's packages into LocalAI's directory of backends.
    #[arg(long, value_name = "DIR", requires = "from", required_unless_present_any = ["output", "verify", "push"])]
    pub into: Option<Utf8PathBuf>,
    /// With --from: push the images of all platforms to this repository.
    #[arg(long, value_name = "REPOSITORY", requires = "from", conflicts_with_all = ["into", "platform"])]
    pub push: Option<Repository>,
    /// With --push: what tags begin with.
    #[arg(long, value_name = "NAME", requires = "push", default_value = drive::bundle::NAME)]
    pub tag: String,
    /// With --push: write the index by which LocalAI installs the backends from there.
    #[arg(long, value_name = "FILE", requires = "push")]
    pub gallery: Option<Utf8PathBuf>,
    #[command(flatten)]
    pub other: OtherHost,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
