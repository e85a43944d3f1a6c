//! The guard of a group of processes: this program again, and a pipe whose other end its starter holds.

use crate::sleep::sleep;
use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio, exit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The only argument of a guard.
const ARGUMENT: &str = "__guard";
/// For those that have something of their own to end.
const GRACE: Duration = Duration::from_secs(1);
/// Names this program even when its file was replaced.
const MYSELF: &str = "/proc/self/exe";

/// Whether this program can be a guard: its `main` must have said so.
static AVAILABLE: AtomicBool = AtomicBool::new(false);

/// Becomes a guard, if that is what this process was started for.
pub(crate) fn begin() {
    let mut args = std::env::args_os().skip(1);
    if args.next().as_deref() == Some(OsStr::new(ARGUMENT)) && args.next().is_none() {
        watch();
    }
    AVAILABLE.store(true, Ordering::SeqCst);
}

fn watch() -> ! {
    if getpgrp() != getpid() {
        // Somebody typed it: the group is none of ours.
        exit(0);
    }
    // A group that is asked to end may take its time, and is guarded until it has.
    drop(ctrlc::set_handler(|| {}));
    // Nothing is ever written: this returns when the starter is gone.
    drop(io::copy(&mut io::stdin().lock(), &mut io::sink()));
    let _ = kill_current_process_group(Signal::TERM);
    sleep(GRACE);
    let _ = kill_current_process_group(Signal::KILL);
    exit(0)
}

/// Starts a guard as the first of a new group; none in programs that cannot be one, such as tests of libraries.
pub(crate) fn start() -> io::Result<Option<Child>> {
    use std::os::unix::process::CommandExt;

    if !AVAILABLE.load(Ordering::SeqCst) {
        return Ok(None);
    }
    let myself = Path::new(MYSELF);
    let program = if myself.exists() { myself.to_owned() } else { std::env::current_exe()? };
    let mut command = Command::new(program);
    command.arg(ARGUMENT).env_clear().current_dir("/").process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    #[expect(clippy::disallowed_methods, reason = "a guard is waited for with its group")]
    command.spawn().map(Some)
}
