//! How patient and how greedy a transfer may be.

use std::time::Duration;

/// Limits of downloads and of the programs that mirrors run.
#[derive(Debug, Clone, Copy)]
pub struct Transfer {
    /// For a connection to be made.
    pub connect: Duration,
    /// Without a byte, before a mirror is given up.
    pub stall: Duration,
    /// For one program (git, cargo, apt, pip) from start to end.
    pub program: Duration,
    /// Bytes of one download.
    pub max_bytes: u64,
}

impl Default for Transfer {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            program: Duration::from_mins(30),
            max_bytes: 4 << 30,
        }
    }
}
