//! How to build, as opposed to what.

use crate::session::Session;

/// How to build.
#[derive(Debug, Clone)]
pub struct Options {
    /// Parallel jobs across everything that builds at once.
    pub jobs: usize,
    /// Show, do nothing.
    pub dry_run: bool,
    /// Build even if the result is cached.
    pub no_cache: bool,
    /// An undeclared input fails the build.
    pub strict: bool,
    /// Write the timing report.
    pub timings: bool,
}

impl Options {
    /// What a command without build options does: everything that is stale, on all processors.
    pub fn of_machine(session: &Session) -> Self {
        Self {
            jobs: session.host.cpus,
            dry_run: false,
            no_cache: false,
            strict: session.host.ci,
            timings: false,
        }
    }
}
