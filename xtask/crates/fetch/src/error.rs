//! What can go wrong: one mirror's failure, and the failure of them all.

use crate::io_error::IoError;
use crate::unpack::UnpackError;
use camino::Utf8PathBuf;
use model::name::PinName;
use model::source::Sha256;
use std::fmt;
use std::time::Duration;
use transfer::TransferError;

/// Why one mirror did not yield the source.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The network is forbidden and nothing is cached.
    #[error("not in the cache, and --offline forbids the network")]
    Offline,
    /// A program that the mirror needs is missing.
    #[error("`{program}` is not installed; {hint}")]
    Tool {
        /// The program.
        program: &'static str,
        /// What to install or set.
        hint: &'static str,
    },
    /// A program failed.
    #[error("`{program}` failed ({status}): {detail}")]
    Command {
        /// The program.
        program: String,
        /// Exit code or signal.
        status: String,
        /// The end of what it wrote to standard error.
        detail: String,
    },
    /// A program or a transfer did not end in time.
    #[error("`{program}` gave nothing for {} s and was stopped", after.as_secs())]
    Hung {
        /// The program.
        program: String,
        /// The limit.
        after: Duration,
    },
    /// A transfer failed.
    #[error("{url}: {reason}")]
    Download {
        /// The URL, without credentials.
        url: String,
        /// What the transfer says.
        reason: String,
    },
    /// The bytes are not those of the pin.
    #[error("{what} has sha256 {found}, expected {expected}; it is not used")]
    Digest {
        /// What was hashed.
        what: String,
        /// The pin's digest.
        expected: Sha256,
        /// The digest found.
        found: Sha256,
    },
    /// The mirror has something else, or nothing.
    #[error("{0}")]
    Unusable(String),
    /// The archive is broken or dangerous.
    #[error("{archive}: {error}")]
    Unpack {
        /// The archive.
        archive: String,
        /// What is wrong with it.
        error: UnpackError,
    },
    /// A file operation failed on this machine.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The disk would be full.
    #[error(transparent)]
    NoRoom(TransferError),
}

impl MirrorError {
    /// Is this no fault of the mirror, but a full disk?
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::NoRoom(_) => true,
            Self::Io(error) | Self::Unpack { error: UnpackError::Io(error), .. } => error.is_disk_full(),
            _ => false,
        }
    }
}

/// One mirror and why it failed.
#[derive(Debug)]
pub struct Attempt {
    /// The mirror in words.
    pub mirror: String,
    /// Why it failed.
    pub error: MirrorError,
}

/// Why a pin could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Every mirror failed.
    #[error(transparent)]
    Exhausted(Box<Exhausted>),
    /// The disk is full: no mirror can help.
    #[error(
        "the disk is full while fetching `{pin}` ({error}): free space below {dir}, or put the cache elsewhere with XTASK_CACHE_DIR"
    )]
    DiskFull {
        /// The pin.
        pin: PinName,
        /// The cache directory.
        dir: Utf8PathBuf,
        /// What failed.
        error: Box<MirrorError>,
    },
    /// A patch of the pin cannot be read.
    #[error("`{pin}` in backend/sources.yaml names a patch that cannot be read: {error}")]
    PatchUnreadable {
        /// The pin.
        pin: PinName,
        /// What failed.
        error: IoError,
    },
    /// A patch does not apply.
    #[error(
        "patch {patch} does not apply to `{pin}` {version}:\n{detail}\nRefresh the patch for this version, or drop it from backend/sources.yaml; nothing was kept of the half-patched tree"
    )]
    PatchRejected {
        /// The pin.
        pin: PinName,
        /// Its version.
        version: String,
        /// The patch, root-relative.
        patch: Utf8PathBuf,
        /// File, line and reason, as git says them.
        detail: String,
    },
    /// A pin could not be moved.
    #[error("cannot move `{pin}`: {error}")]
    Update {
        /// The pin.
        pin: PinName,
        /// What failed.
        error: Box<MirrorError>,
    },
    /// A program that every mirror needs is missing, or failed.
    #[error(transparent)]
    Tool(Box<MirrorError>),
    /// A file operation in the cache failed.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The tree in the cache could not be looked at, sealed or removed.
    #[error(transparent)]
    Tree(#[from] store::Error),
}

/// Every mirror failed: each with its reason, and what to do.
#[derive(Debug)]
pub struct Exhausted {
    /// The pin.
    pub pin: PinName,
    /// Its version.
    pub version: String,
    /// Name of the variable that points at a local copy.
    pub variable: String,
    /// Was the network forbidden?
    pub offline: bool,
    /// The mirrors in the order in which they were tried.
    pub attempts: Vec<Attempt>,
}

impl std::error::Error for Exhausted {}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "source `{}` {} is nowhere to be had:", self.pin, self.version)?;
        for Attempt { mirror, error } in &self.attempts {
            writeln!(f, "  - {mirror}: {}", error.to_string().trim_end().replace('\n', "\n    "))?;
        }
        if self.offline {
            writeln!(f, "What to do: run once without --offline, or")?;
        } else {
            writeln!(
                f,
                "What to do: check the network, add a mirror to `{}` in backend/sources.yaml, or",
                self.pin
            )?;
        }
        write!(f, "point {} at a directory or archive that holds the same bytes.", self.variable)
    }
}
