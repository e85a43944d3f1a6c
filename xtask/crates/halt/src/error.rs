//! Why a program did not come to its end.

use crate::stop::Stopped;
use std::io;
use std::time::Duration;

/// A program that could not be run, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// It could not be started.
    #[error("it cannot be started: {0}")]
    Start(io::Error),
    /// What it printed could not be read, or not be handed on.
    #[error("its output cannot be followed: {0}")]
    Output(io::Error),
    /// It may not go on.
    #[error("it was ended: {0}")]
    Ended(io::Error),
    /// It took longer than it may, and was ended.
    #[error("it did not end within {} s and was stopped", after.as_secs())]
    Late {
        /// The limit.
        after: Duration,
    },
    /// Somebody wants to stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl ChildError {
    /// Whether there is no such program.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Start(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// As an error of the standard library, for its interfaces.
    pub fn into_io(self) -> io::Error {
        match self {
            Self::Start(error) | Self::Output(error) | Self::Ended(error) => error,
            // Not `Interrupted`, which readers take for "try again".
            error => io::Error::other(error),
        }
    }
}
