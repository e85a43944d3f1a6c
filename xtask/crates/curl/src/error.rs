//! Why curl could not be run at all. What a server answers is no error here.

use halt::ChildError;
use std::io;

/// The program could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CurlError {
    /// It is not installed.
    #[error("`curl` is not installed; install curl (`cargo xtask install-base-deps` does)")]
    Missing,
    /// It did not come to its end.
    #[error("cannot run `curl`: {0}")]
    Run(ChildError),
    /// A request that would mean something else to curl or to the server.
    #[error("{0} may not hold line breaks or NUL")]
    Unusable(&'static str),
    /// Temporary files for what is sent and received.
    #[error("cannot use temporary files for `curl`: {0}")]
    Temporary(io::Error),
}

impl From<ChildError> for CurlError {
    fn from(error: ChildError) -> Self {
        if error.is_missing() { Self::Missing } else { Self::Run(error) }
    }
}
