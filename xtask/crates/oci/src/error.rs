//! What can go wrong with a registry, and what to do about it.

use camino::{Utf8Path, Utf8PathBuf};
use model::oci::{ImageDigest, Repository};
use std::io;
use std::time::Duration;

/// A registry did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No answer, whatever was tried.
    #[error("registry {host} cannot be reached while {doing}: {reason}")]
    Unreachable {
        /// The registry.
        host: String,
        /// What was being done.
        doing: String,
        /// Why not.
        reason: String,
    },
    /// Too many requests, for longer than one waits.
    #[error("registry {host} asks to be left alone{} while {doing}; try later, or log in (`docker login {host}`) for higher limits", wait(*.after))]
    Busy {
        /// The registry.
        host: String,
        /// What was being done.
        doing: String,
        /// For how long, if it says so.
        after: Option<Duration>,
    },
    /// Credentials are missing or not enough.
    #[error("{doing} is not permitted ({status}{detail}); {hint}")]
    Denied {
        /// What was being done.
        doing: String,
        /// 401 or 403.
        status: u16,
        /// What the registry says.
        detail: String,
        /// What to do.
        hint: String,
    },
    /// It is not there.
    #[error("{doing}: the registry does not have it{detail}")]
    Absent {
        /// What was being done.
        doing: String,
        /// What the registry says.
        detail: String,
    },
    /// The registry does not do that, or is told not to.
    #[error("{doing}: the registry does not support it{detail}; {hint}")]
    Unsupported {
        /// What was being done.
        doing: String,
        /// What the registry says.
        detail: String,
        /// What to do.
        hint: &'static str,
    },
    /// Another answer than those that make sense.
    #[error("{doing}: the registry answered {status}{detail}")]
    Answer {
        /// What was being done.
        doing: String,
        /// HTTP status.
        status: u16,
        /// What the registry says.
        detail: String,
    },
    /// An answer that cannot be read.
    #[error("{doing}: the answer makes no sense: {reason}")]
    Malformed {
        /// What was being done.
        doing: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Other bytes than those of the digest.
    #[error("{doing}: the bytes have digest {found}, expected {expected}; they are not used")]
    Digest {
        /// What was being done.
        doing: String,
        /// What was asked for.
        expected: ImageDigest,
        /// What came.
        found: ImageDigest,
    },
    /// Docker's stored credentials cannot be used.
    #[error("credentials for {host}: {reason}")]
    Credentials {
        /// The registry.
        host: String,
        /// What is wrong with them.
        reason: String,
    },
    /// A stop was asked for.
    #[error(transparent)]
    Stopped(#[from] halt::Stopped),
    /// A file operation failed on this machine.
    #[error("{doing} {path}: {error}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// On which file.
        path: Utf8PathBuf,
        /// What failed.
        error: io::Error,
    },
}

impl RegistryError {
    /// Can the registry just not be asked now? Who can do without its answer then goes on, and says so.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Busy { .. } => true,
            Self::Answer { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// Is the thing asked for simply not there?
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent { .. })
    }

    pub(crate) fn io(doing: &'static str, path: impl AsRef<Utf8Path>, error: io::Error) -> Self {
        Self::Io { doing, path: path.as_ref().to_owned(), error }
    }

    pub(crate) fn malformed(doing: &str, reason: &(impl std::fmt::Display + ?Sized)) -> Self {
        Self::Malformed { doing: doing.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn denied(doing: &str, repository: &Repository, status: u16, detail: String) -> Self {
        let host = repository.host();
        let hint = format!(
            "log in with `docker login {host}` as somebody who may do that in {repository}, or check that it exists"
        );
        Self::Denied { doing: doing.to_owned(), status, detail, hint }
    }
}

fn wait(after: Option<Duration>) -> String {
    after.map_or_else(String::new, |after| format!(" for {} s", after.as_secs()))
}
