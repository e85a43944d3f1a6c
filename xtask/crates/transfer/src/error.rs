//! Why there is no answer. What a server answers is no error here.

use crate::patience::{Limit, Patience};
use crate::redact::redact;
use camino::{Utf8Path, Utf8PathBuf};
use std::io;
use std::time::Duration;

/// There is no answer, or none that may be used.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// Somebody wants to stop.
    #[error(transparent)]
    Stopped(#[from] halt::Stopped),
    /// A request that cannot be made.
    #[error("`{value}` is no {what}")]
    Unusable {
        /// What it was to be.
        what: &'static str,
        /// What it is, without credentials.
        value: String,
    },
    /// Credentials for somebody who is spoken to in the clear.
    #[error("{to} is spoken to without encryption, so that nobody tells it a password")]
    Readable {
        /// Host and port.
        to: String,
    },
    /// A proxy of the environment that cannot be used.
    #[error("the proxy of {variable} cannot be used: {reason}")]
    Proxy {
        /// The variable that names it.
        variable: &'static str,
        /// Why not.
        reason: String,
    },
    /// No connection.
    #[error("cannot connect to {to}: {reason}")]
    Unreachable {
        /// Host and port.
        to: String,
        /// What failed.
        reason: String,
    },
    /// A server that cannot show who it is.
    #[error(
        "{host} cannot show that it is {host}: {reason}; if it is to be trusted, add its authority to the system's \
         certificates, or name it in SSL_CERT_FILE"
    )]
    Untrusted {
        /// The host.
        host: String,
        /// What is wrong with its certificate.
        reason: String,
    },
    /// A connection that came to a wrong end.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// Patience ran out.
    #[error("no answer in time: {}", late(*limit, *after))]
    Late {
        /// Which limit.
        limit: Limit,
        /// The limit.
        after: Duration,
    },
    /// An answer of another protocol.
    #[error("the answer is not HTTP as it should be: {0}")]
    Malformed(String),
    /// An answer that costs more than it may.
    #[error("the {what} is larger than {bytes} bytes")]
    TooLarge {
        /// Which part of it.
        what: &'static str,
        /// The limit.
        bytes: u64,
    },
    /// A disk that would be full.
    #[error(
        "no room for {bytes} bytes in {dir}, where {free} are free and {} stay so; make room, or have the cache \
             elsewhere",
        crate::room::RESERVE
    )]
    NoRoom {
        /// Where it was to be.
        dir: Utf8PathBuf,
        /// What is still to come, as far as that is known.
        bytes: u64,
        /// What is free.
        free: u64,
    },
    /// A redirect that may not be followed.
    #[error("it redirects to {to}, {why}")]
    Redirected {
        /// Where to, without credentials.
        to: String,
        /// Why that is not followed.
        why: &'static str,
    },
    /// A file operation failed on this machine.
    #[error("{doing} {path}: {error}")]
    File {
        /// What was done.
        doing: &'static str,
        /// With which file.
        path: Utf8PathBuf,
        /// What failed.
        error: io::Error,
    },
}

fn late(limit: Limit, after: Duration) -> String {
    match limit {
        Limit::Connect => format!("no connection within {after:?}"),
        Limit::Idle => format!("nothing came for {after:?}"),
        Limit::Whole => format!("it took longer than {after:?}"),
    }
}

/// A limit that ran out, on its way through libraries that carry errors of input and output.
#[derive(Debug, thiserror::Error)]
#[error("too late")]
pub(crate) struct Expired(pub(crate) Limit);

impl TransferError {
    /// May it be gone at the next try?
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Broken(_) | Self::Late { .. })
    }

    pub(crate) fn file(doing: &'static str, path: &Utf8Path, error: io::Error) -> Self {
        Self::File { doing, path: path.to_owned(), error }
    }

    pub(crate) fn late(limit: Limit, patience: &Patience) -> Self {
        let after = match limit {
            Limit::Connect => patience.connect,
            Limit::Idle => patience.idle,
            Limit::Whole => patience.whole.unwrap_or_default(),
        };
        Self::Late { limit, after }
    }

    pub(crate) fn from_io(error: io::Error, patience: &Patience) -> Self {
        let inner = error.downcast::<Self>().map_err(|error| {
            let error = error.downcast::<Expired>().map(|Expired(limit)| Self::late(limit, patience));
            error.or_else(|error| {
                error.downcast::<ureq::Error>().map(|error| Self::from_ureq(error, patience))
            })
        });
        inner.unwrap_or_else(|error| {
            error.unwrap_or_else(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => Self::Broken("it ended too early".to_owned()),
                _ => Self::Broken(error.to_string()),
            })
        })
    }

    pub(crate) fn from_ureq(error: ureq::Error, patience: &Patience) -> Self {
        use ureq::Timeout;
        match error {
            ureq::Error::Io(error) => Self::from_io(error, patience),
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => Self::late(Limit::Connect, patience),
            ureq::Error::Timeout(Timeout::PerRead | Timeout::PerWrite | Timeout::RecvResponse) => {
                Self::late(Limit::Idle, patience)
            }
            ureq::Error::Timeout(_) => Self::late(Limit::Whole, patience),
            ureq::Error::LargeResponseHeader(_, bytes) => {
                Self::TooLarge { what: "head of the answer", bytes: bytes as u64 }
            }
            ureq::Error::Protocol(error) => Self::Malformed(error.to_string()),
            error => Self::Broken(redact(&error.to_string())),
        }
    }
}

impl From<TransferError> for io::Error {
    /// Not `Interrupted`, which readers take for "try again".
    fn from(error: TransferError) -> Self {
        Self::other(error)
    }
}
