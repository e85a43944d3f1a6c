//! Why a file cannot be read or changed. The caller names the file.

use std::io;

use thiserror::Error;

/// Why a file cannot be read or changed.
#[derive(Debug, Error)]
pub enum MachError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It starts like a Mach-O file and goes on like none.
    #[error("malformed Mach-O file: {0}")]
    Malformed(String),
    /// It is a Mach-O file of a kind that is not handled.
    #[error("{0}")]
    Unsupported(String),
    /// The load commands would grow over what follows them.
    #[error(
        "its load commands need {needed} bytes, and there are {room} before its first section: \
         link it again with -headerpad_max_install_names"
    )]
    NoRoom {
        /// What the commands would take.
        needed: u64,
        /// What there is.
        room: u64,
    },
    /// One file would name one library twice, which dyld refuses; a name cannot be dropped, for symbols count them.
    #[error("it names {name} twice, as `{first}` and as `{second}`: link it once, or re-export it only")]
    Twice {
        /// The name that both would become.
        name: String,
        /// What it is called first.
        first: String,
        /// What it is called again.
        second: String,
    },
    /// Its signature is not one of its bytes.
    #[error("its signature is not valid: {0}; sign it after its last change")]
    Signature(String),
}

impl MachError {
    pub(crate) fn malformed(reason: impl Into<String>) -> Self {
        Self::Malformed(reason.into())
    }
}
