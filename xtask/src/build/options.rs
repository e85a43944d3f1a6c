//! How to build, as opposed to what.

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
