//! How to build, as opposed to what.

use super::SharedChoice;
use crate::container::{Asked, Containers};
use crate::session::Session;
use anyhow::Result;

/// How to build.
#[derive(Debug, Clone)]
pub struct Options {
    /// Parallel jobs across everything that builds at once.
    pub jobs: usize,
    /// Show, do nothing.
    pub dry_run: bool,
    /// Build even if the result is there.
    pub force: bool,
    /// An undeclared input fails the build.
    pub strict: bool,
    /// Write the timing report.
    pub timings: bool,
    /// Which compiler cache machines share.
    pub shared_cache: SharedChoice,
    /// How containers are built.
    pub containers: Containers,
}

impl Options {
    /// What a command without build options does: everything that is stale, on all processors.
    pub fn of_machine(session: &Session) -> Result<Self> {
        Ok(Self {
            jobs: session.host.cpus,
            dry_run: false,
            force: false,
            strict: session.host.ci,
            timings: false,
            shared_cache: SharedChoice::default(),
            containers: Containers::of(session, &Asked::default())?,
        })
    }
}
