//! Exit codes: the same table as in `--help`.

use drive::error::Coded;
use std::process::ExitCode;

/// A command that ended without an error, and what the shell is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// All is well.
    Well,
    /// A check found differences.
    Differs,
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
