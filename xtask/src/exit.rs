//! Exit codes: the same table as in `--help`.

use crate::shown::Shown;
use std::process::ExitCode;

/// A command that ended without an error, and what the shell is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// All is well.
    Well,
    /// A check found differences.
    Differs,
}

/// An error with a documented exit code of its own.
#[derive(Debug, thiserror::Error)]
pub enum Coded {
    /// Wrong arguments or manifests.
    #[error("{0}")]
    Usage(String),
    /// Mistakes in manifests and the like, with their places.
    #[error("{}", .0.plain())]
    Wrong(Shown),
    /// Something must be installed first.
    #[error("{0}")]
    Missing(String),
}

/// An error with all that led to it. Each is said once: some libraries repeat their cause in their own text.
pub fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text.as_str() {
        "" => cause,
        text if text.contains(&cause) => text.to_owned(),
        text => format!("{text}: {cause}"),
    })
}

/// The code of a command that was stopped by Ctrl-C or SIGTERM.
pub const STOPPED: u8 = 130;

/// The exit code of a command's result.
pub fn code(result: &anyhow::Result<Done>) -> ExitCode {
    ExitCode::from(match result {
        Ok(Done::Well) => 0,
        Ok(Done::Differs) => 4,
        Err(error) => match error.downcast_ref::<Coded>() {
            Some(Coded::Usage(_) | Coded::Wrong(_)) => 2,
            Some(Coded::Missing(_)) => 3,
            None => 1,
        },
    })
}
