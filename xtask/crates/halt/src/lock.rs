//! Locks on files, waited for as long as nobody wants to stop. The kernel frees them when a process dies, whatever
//! killed it.

use crate::stop;
use std::fs::{File, TryLockError};
use std::io;
use std::time::Duration;

/// How long a lock may be free before its waiter notices.
const LONGEST: Duration = Duration::from_millis(100);

/// Locks a file for this process alone. `on_wait` is called once if that has to be waited for.
pub fn exclusive(file: &File, on_wait: impl FnOnce()) -> io::Result<()> {
    wait(|| file.try_lock(), on_wait)
}

/// Locks a file together with others who do so.
pub fn shared(file: &File, on_wait: impl FnOnce()) -> io::Result<()> {
    wait(|| file.try_lock_shared(), on_wait)
}

fn wait(attempt: impl Fn() -> Result<(), TryLockError>, on_wait: impl FnOnce()) -> io::Result<()> {
    let mut on_wait = Some(on_wait);
    let mut step = Duration::from_millis(1);
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        if let Some(on_wait) = on_wait.take() {
            on_wait();
        }
        stop::pause(step).map_err(io::Error::other)?;
        step = (step * 2).min(LONGEST);
    }
}
