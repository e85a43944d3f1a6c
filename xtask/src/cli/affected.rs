//! `affected`.

use super::ChangeArgs;
use clap::Args;

/// Show which backends a change touches, and because of which files.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  cargo xtask affected
  cargo xtask affected --base origin/master
  cargo xtask affected --base v1.2.3 --head HEAD --explain
  cargo xtask affected --event-path event.json --json

A unit is touched if its key differs between the two revisions. What that is found by is always told: keys, where the
manifests of both revisions can be read; globs, where only the names of changed files are known, which may touch too
many; everything, where nothing can be known.")]
pub struct Affected {
    #[command(flatten)]
    pub change: ChangeArgs,
    /// Print every reason of every unit.
    #[arg(long)]
    pub explain: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
