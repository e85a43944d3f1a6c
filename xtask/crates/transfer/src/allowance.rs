//! Bytes that may still come for the answer that this thread reads.
//!
//! The limit of a body counts what is in it. Chunks have extensions, and fields follow the last of them: what is read
//! without being handed on is counted here, where it comes off the wire.

use crate::error::TransferError;
use std::cell::Cell;
use std::io;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Bytes that go with a body of any size.
const BESIDE: u64 = 1 << 20;

/// An answer begins of which so many bytes are wanted.
pub(crate) fn begin(wanted: u64) {
    LEFT.set(wanted.saturating_mul(2).saturating_add(BESIDE));
}

/// So many bytes came.
pub(crate) fn spend(bytes: usize) -> io::Result<()> {
    let left = LEFT.get().checked_sub(bytes as u64);
    LEFT.set(left.unwrap_or(0));
    match left {
        Some(_) => Ok(()),
        None => Err(TransferError::TooLarge { what: "answer with what goes along", bytes: BESIDE }.into()),
    }
}
