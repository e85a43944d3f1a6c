//! Turns at what one process at a time may do.

use std::path::Path;

use crate::error::Result;
use crate::layout::Layout;
use crate::lock::Exclusive;

/// The right to do something that one process at a time may do, until this value is dropped.
#[derive(Debug)]
pub struct Turn {
    _lock: Exclusive,
}

impl Turn {
    /// Takes the turn that the file `lock` stands for. While another process has it, `on_wait` is told that process's
    /// number, if known, and this call blocks.
    pub fn take(lock: &Path, on_wait: impl FnMut(Option<u32>)) -> Result<Self> {
        if let Some(dir) = lock.parent() {
            Layout::made(dir.to_owned())?;
        }
        Ok(Self { _lock: Exclusive::acquire(lock, on_wait)? })
    }

    /// Takes it if nobody has it.
    pub fn attempt(lock: &Path) -> Result<Option<Self>> {
        Ok(Exclusive::attempt(lock)?.map(|lock| Self { _lock: lock }))
    }
}
