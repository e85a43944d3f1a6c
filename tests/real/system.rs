//! The machine: processes by what they were started with, file systems of a test's own, an empty root.

use camino::Utf8Path;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, geteuid, pidfd_open};
use std::process::Command;
use std::time::{Duration, Instant};

/// Running processes with `mark` in an argument, apart from this one, as process and name.
pub fn processes(mark: &str) -> Vec<(Pid, String)> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let read = |file: &str| fs_err::read(entry.path().join(file)).unwrap_or_default();
        let line = String::from_utf8_lossy(&read("cmdline")).into_owned();
        if line.contains(mark) && pid != i32::try_from(std::process::id()).unwrap() {
            let name = String::from_utf8_lossy(&read("comm")).trim().to_owned();
            found.extend(Pid::from_raw(pid).map(|pid| (pid, name)));
        }
    }
    found
}

/// Waits until all that run with `mark` in an argument have ended. A killed process is gone once init has taken note of it.
#[track_caller]
pub fn all_end(mark: &str) {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let running = processes(mark);
        let Some((pid, _)) = running.first() else { return };
        assert!(Instant::now() < end, "still running: {running:?}");
        if let Ok(process) = pidfd_open(*pid, PidfdFlags::empty()) {
            let bound = Timespec { tv_sec: 1, tv_nsec: 0 };
            let _ = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&bound));
        }
    }
}

/// A command that runs `script` where it may mount: as root directly, otherwise in a namespace that says so.
pub fn with_mounts(script: &str, args: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    if !geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-eu", "-c", script, "sh"]).args(args);
    command
}

/// A command line that runs `program` in a root of its own.
pub fn in_root(root: &Utf8Path, program: &str) -> String {
    let user = if geteuid().is_root() { "" } else { "--user --map-root-user " };
    format!("unshare {user}--root {root} {program}")
}
