//! Exit codes: the same table as in `--help`.

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
    /// Something must be installed first.
    #[error("{0}")]
    Missing(String),
}

/// The code of a command that was stopped by Ctrl-C or SIGTERM.
pub const STOPPED: u8 = 130;

/// The exit code of a command's result.
pub fn code(result: &anyhow::Result<Done>) -> ExitCode {
    ExitCode::from(match result {
        Ok(Done::Well) => 0,
        Ok(Done::Differs) => 4,
        Err(error) => match error.downcast_ref::<Coded>() {
            Some(Coded::Usage(_)) => 2,
            Some(Coded::Missing(_)) => 3,
            None => 1,
        },
    })
}
