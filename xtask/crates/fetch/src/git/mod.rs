//! Git as a source of exact bytes: one commit is fetched into a bare repository of our own and its blobs are written
//! out as they are, without the filters, attributes, hooks or configuration that anybody ships.

mod export;
mod fetch;
mod submodule;

pub(crate) use export::export;
pub(crate) use fetch::{Repository, ls_remote};

use std::process::Command;

/// What to do without git.
pub(crate) const HINT: &str = "install git (`cargo xtask install-base-deps` does)";

/// Without the settings of system and user, for work on local files that no setting may change.
pub(crate) fn isolated(mut command: Command) -> Command {
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    quiet(command)
}

/// Without prompts, and without the repository that may surround the working directory. The user's settings stay:
/// proxies, credentials and mirrors (`insteadOf`) live there.
pub(crate) fn quiet(mut command: Command) -> Command {
    command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
    ] {
        command.env_remove(name);
    }
    command
}
