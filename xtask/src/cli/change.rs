//! Options that say which change is meant.

use camino::Utf8PathBuf;
use clap::Args;
use drive::change::Asked;

/// Heading of the options that say which change is meant.
const CHANGE: &str = "Which change";

/// Which change is meant.
#[derive(Debug, Clone, Default, Args)]
pub struct ChangeArgs {
    /// The revision to compare with. By default where this branch left its upstream, or else the last commit; in CI
    /// what the event says.
    #[arg(help_heading = CHANGE, long, value_name = "REV")]
    pub base: Option<String>,
    /// The revision that is compared; by default the working tree, with new files that git does not ignore.
    #[arg(help_heading = CHANGE, long, value_name = "REV", requires = "base")]
    pub head: Option<String>,
    /// The payload of the CI event that says what changed; $GITHUB_EVENT_PATH in CI.
    #[arg(help_heading = CHANGE, long, value_name = "FILE", conflicts_with_all = ["base", "head"])]
    pub event_path: Option<Utf8PathBuf>,
}

impl From<&ChangeArgs> for Asked {
    fn from(args: &ChangeArgs) -> Self {
        let ChangeArgs { base, head, event_path } = args.clone();
        Self { revisions: base.map(|base| (base, head)), event: event_path }
    }
}
