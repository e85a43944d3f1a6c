//! `cache` and what can be done to it.

use super::values::{bytes, duration};
use clap::{Args, Subcommand};
use model::name::BackendName;
use model::oci::{Pointer, Repository, Tag};
use std::time::Duration;

/// The local cache, and the one in the registry.
#[derive(Debug, Clone, Subcommand)]
pub enum CacheCommand {
    /// Print where the local one is
    Path,
    /// List packages, or with --registry its tags with kind, size and age
    Ls {
        #[command(flatten)]
        place: Place,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say how large it is
    Stat {
        #[command(flatten)]
        place: Place,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Hash everything in the local cache again; exit code 4 if something is damaged
    Verify {
        /// Remove what is damaged.
        #[arg(long)]
        evict: bool,
    },
    /// Remove tags from the registry's cache, so that what they hold is built again
    Evict(Evict),
    /// Remove what nothing needs, then the least recently used beyond a budget
    Gc(Gc),
}

/// Which cache.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The cache in this repository of a registry; without a value, in that of backend/variants.yaml.
    #[arg(long, value_name = "REPO", num_args = 0..=1, default_missing_value = "", value_parser = elsewhere)]
    pub registry: Option<Elsewhere>,
}

/// A repository of a registry.
#[derive(Debug, Clone)]
pub enum Elsewhere {
    /// That of backend/variants.yaml.
    Configured,
    /// This one.
    Named(Repository),
}

impl Elsewhere {
    /// The repository that was named.
    pub fn repository(&self) -> Option<&Repository> {
        match self {
            Self::Configured => None,
            Self::Named(repository) => Some(repository),
        }
    }
}

fn elsewhere(text: &str) -> Result<Elsewhere, model::oci::ParseError> {
    if text.is_empty() { Ok(Elsewhere::Configured) } else { text.parse().map(Elsewhere::Named) }
}

/// Remove tags from the registry's cache.
#[derive(Debug, Clone, Args)]
pub struct Evict {
    /// Tags, as `cache ls --registry` shows them.
    #[arg(required_unless_present = "backend")]
    pub tags: Vec<Tag>,
    /// Everything of a backend: its layers, compiler caches, and the images and locks of this checkout's keys.
    #[arg(long, value_name = "NAME", conflicts_with = "tags")]
    pub backend: Option<BackendName>,
    /// The repository; by default that of backend/variants.yaml.
    #[arg(long, value_name = "REPO")]
    pub registry: Option<Repository>,
    /// Show what would go; remove nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Make a cache smaller.
#[derive(Debug, Clone, Args)]
pub struct Gc {
    #[command(flatten)]
    pub place: Place,
    /// Keep at most this much, such as 20G or 500M; binary multiples. By default 20G, in a registry 40G.
    #[arg(long, value_parser = bytes)]
    pub budget: Option<u64>,
    /// Keep whatever was used, or in a registry written, this recently: 36h or 7d. By default 24h, in a registry 7d.
    #[arg(long, value_parser = duration)]
    pub grace: Option<Duration>,
    /// In a registry: keep this tag or digest too; may be given often.
    #[arg(long, value_name = "REF", requires = "registry", value_parser = pointer)]
    pub keep: Vec<Pointer>,
    /// In a registry: keep what the tags of these repositories refer to; by default those of backend/variants.yaml.
    #[arg(long, value_name = "REPO", requires = "registry")]
    pub published: Vec<Repository>,
    /// Show what would go; remove nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// In a registry: print JSON.
    #[arg(long, requires = "registry")]
    pub json: bool,
}

/// A tag or a digest.
fn pointer(text: &str) -> Result<Pointer, model::oci::ParseError> {
    if text.contains(':') { text.parse().map(Pointer::Digest) } else { text.parse().map(Pointer::Tag) }
}
