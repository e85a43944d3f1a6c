//! Stopping: every running process group dies with us, and nothing new starts.

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

static STOPPED: AtomicBool = AtomicBool::new(false);
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Whether a stop was asked for.
pub fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// Whether a process of that number is there.
pub fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    // A process of somebody else cannot be signalled, and is there all the same.
    pid.is_some_and(|pid| !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
}

/// Called on Ctrl-C and SIGTERM: asks every group to end; called again, kills them.
pub fn stop_all() {
    let signal = if STOPPED.swap(true, Ordering::SeqCst) { Signal::KILL } else { Signal::TERM };
    signal_all(signal);
}

/// Sends `signal` to every group that is still running.
pub fn signal_all(signal: Signal) {
    let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for group in groups {
        if let Some(pid) = Pid::from_raw(group) {
            // A group that ended in between is what was wanted.
            let _ = kill_process_group(pid, signal);
        }
    }
}

/// A running process group, forgotten when dropped.
pub(crate) struct Group(i32);

impl Group {
    /// Registers a group; if a stop came in between, it is told at once.
    pub(crate) fn register(pid: u32) -> Self {
        let id = i32::try_from(pid).unwrap_or(0);
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        if stopped() {
            signal_all(Signal::TERM);
        }
        Self(id)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
        // Whatever the command left running in the background ends with it.
        if let Some(pid) = Pid::from_raw(self.0) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
