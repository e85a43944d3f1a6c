//! `cache` and what can be done to it.

use super::values::bytes;
use clap::Subcommand;

/// The local cache.
#[derive(Debug, Clone, Subcommand)]
pub enum CacheCommand {
    /// Print where it is
    Path,
    /// List its packages
    Ls {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say how large it is
    Stat {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Hash everything again; exit code 4 if something is damaged
    Verify {
        /// Remove what is damaged.
        #[arg(long)]
        evict: bool,
    },
    /// Remove what nothing needs, then the least recently used packages beyond a budget
    Gc {
        /// Keep at most this much in packages, such as 20G or 500M; binary multiples.
        #[arg(long, default_value = "20G", value_parser = bytes)]
        budget: u64,
        /// Keep whatever was used in the last so many hours.
        #[arg(long, default_value_t = 24)]
        grace_hours: u64,
        /// Show what would go; remove nothing.
        #[arg(long)]
        dry_run: bool,
    },
}
