//! What a line of progress says that was not known before.

/// What happened. A vertex is named by its place in [`super::Tracker::vertices`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A vertex began its work.
    Started {
        /// Which.
        vertex: usize,
    },
    /// A vertex was found in a cache and does nothing.
    Cached {
        /// Which.
        vertex: usize,
    },
    /// A vertex did its work.
    Completed {
        /// Which.
        vertex: usize,
    },
    /// A vertex failed, which may or may not fail the build.
    Failed {
        /// Which.
        vertex: usize,
    },
    /// A line that the process of a vertex printed.
    Line {
        /// Which.
        vertex: usize,
        /// The line, without its end.
        text: String,
    },
    /// The mark `== <id>`, with which rendered scripts say that a step of the plan begins.
    Step {
        /// Which.
        vertex: usize,
        /// The step.
        id: String,
    },
    /// Bytes that moved so far.
    Transfer {
        /// Which.
        vertex: usize,
        /// What moves, such as a layer's digest.
        what: String,
        /// Bytes so far.
        current: u64,
        /// Bytes in all, where that is known.
        total: Option<u64>,
    },
    /// A warning about the definition.
    Warning {
        /// What it says.
        text: String,
    },
    /// A line that is not progress, such as the error that ends the build.
    Other {
        /// The line.
        text: String,
    },
}
