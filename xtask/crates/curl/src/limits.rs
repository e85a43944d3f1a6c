//! How patient and how greedy a run may be.

use std::time::Duration;

/// Limits of one run of curl.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a connection to be made.
    pub connect: Duration,
    /// Without a byte, before the transfer is given up.
    pub stall: Duration,
    /// For the whole run, if it has a bound of its own.
    pub total: Option<Duration>,
    /// Bytes of an answer.
    pub max_bytes: u64,
}
