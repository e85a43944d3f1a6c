//! Why curl could not be run at all. What a server answers is no error here.

use std::io;
use std::time::Duration;

/// The program could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CurlError {
    /// It is not installed.
    #[error("`curl` is not installed; install curl (`cargo xtask install-base-deps` does)")]
    Missing,
    /// It cannot be started.
    #[error("cannot run `curl`: {0}")]
    Start(#[source] io::Error),
    /// It did not end in time and was stopped.
    #[error("`curl` did not end within {} s and was stopped", after.as_secs())]
    Hung {
        /// The limit.
        after: Duration,
    },
    /// A request that would mean something else to curl or to the server.
    #[error("{0} may not hold line breaks or NUL")]
    Unusable(&'static str),
    /// Temporary files for what is sent and received.
    #[error("cannot use temporary files for `curl`: {0}")]
    Temporary(#[source] io::Error),
}

impl CurlError {
    pub(crate) fn start(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Start(error),
        }
    }
}
