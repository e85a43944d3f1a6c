//! The machine: processes by what they were started with, file systems of a test's own, an empty root.

use camino::Utf8Path;
use rustix::process::{Pid, geteuid};
use std::process::Command;

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
