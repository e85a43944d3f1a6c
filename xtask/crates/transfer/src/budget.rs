//! Memory that many answers share.

use crate::error::TransferError;
use std::sync::atomic::{AtomicU64, Ordering};

/// What may be held, and what is left of it.
pub(crate) struct Budget {
    bytes: u64,
    left: AtomicU64,
}

impl Budget {
    pub(crate) fn new(bytes: u64) -> Self {
        Self { bytes, left: AtomicU64::new(bytes) }
    }

    /// Takes so many bytes, if they are left.
    pub(crate) fn take(&self, bytes: u64) -> Result<(), TransferError> {
        let less = |left: u64| left.checked_sub(bytes);
        let taken = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        taken.map(drop).map_err(|_| TransferError::TooLarge { what: "sum of all answers", bytes: self.bytes })
    }
}
