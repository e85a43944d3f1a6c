//! Whether somebody wants to stop.

use crate::guard;
use crate::sleep::sleep;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How soon a wait notices that it is to end; what cannot look at the flag while it waits, waits in such slices.
pub const SLICE: Duration = Duration::from_millis(50);
/// How long programs may take to end once they are asked to, before they are killed.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
/// What is not over by then waits for something that no check can see, such as a server of files.
const LAST: Duration = Duration::from_secs(15);

/// How often a stop was asked for.
static ASKED: AtomicU8 = AtomicU8::new(0);

/// Somebody wants to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped")]
pub struct Stopped;

/// The first call of `main`: hears Ctrl-C, SIGTERM and SIGHUP from now on, and has programs guarded. Asked twice,
/// programs are killed at once. `last_resort` ends a process that is still there long after it was asked to stop.
///
/// Does not return in a guard.
pub fn begin(last_resort: fn() -> !) -> Result<(), ctrlc::Error> {
    guard::begin();
    ctrlc::set_handler(move || {
        if ASKED.fetch_add(1, Ordering::SeqCst) > 0 {
            return;
        }
        // Without this thread everything ends as fast as it can, which is nearly always enough.
        drop(thread::Builder::new().spawn(move || {
            sleep(LAST);
            last_resort()
        }));
    })
}

/// Whether a stop was asked for.
pub fn stopped() -> bool {
    ASKED.load(Ordering::SeqCst) > 0
}

/// Whether it was asked for by somebody who will not wait.
pub(crate) fn hurried() -> bool {
    ASKED.load(Ordering::SeqCst) > 1
}

/// Fails if a stop was asked for.
pub fn check() -> Result<(), Stopped> {
    if stopped() { Err(Stopped) } else { Ok(()) }
}

/// Waits, for as long as nobody wants to stop.
pub fn pause(wait: Duration) -> Result<(), Stopped> {
    let until = Instant::now() + wait;
    loop {
        check()?;
        match until.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => sleep(left.min(SLICE)),
            _ => return Ok(()),
        }
    }
}

/// What another thread sends, for as long as nobody wants to stop. None: it sent nothing in time, or never will.
pub fn receive<T>(receiver: &Receiver<T>, limit: Duration) -> Result<Option<T>, Stopped> {
    let until = Instant::now() + limit;
    loop {
        check()?;
        let left = until.saturating_duration_since(Instant::now());
        match receiver.recv_timeout(left.min(SLICE)) {
            Ok(value) => return Ok(Some(value)),
            Err(RecvTimeoutError::Timeout) if !left.is_zero() => {}
            Err(_) => return Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn what_another_thread_sends_is_received_or_will_not_come() {
        let (sender, receiver) = channel();
        assert_eq!(receive::<u8>(&receiver, Duration::ZERO).unwrap(), None);
        let thread = thread::spawn(move || sender.send(7));
        assert_eq!(receive(&receiver, Duration::from_mins(1)).unwrap(), Some(7));
        thread.join().unwrap().unwrap();
        assert_eq!(
            receive(&receiver, Duration::from_mins(1)).unwrap(),
            None,
            "nobody is left who could send"
        );
    }
}
