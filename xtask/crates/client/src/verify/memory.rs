//! What the processes of a backend hold in memory.

use rustix::process::Pid;

/// Resident bytes of a group's processes; none where the system does not tell.
pub(super) fn resident(group: Pid) -> Option<u64> {
    let mut sum = None;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        // Processes may end while they are looked at.
        let Ok(status) = std::fs::read_to_string(entry.path().join("status")) else { continue };
        let members = figure(&status, "NSpgid:")
            .filter(|of| *of == u64::from(group.as_raw_nonzero().get().unsigned_abs()));
        if let Some(kib) = members.and_then(|_| figure(&status, "VmRSS:")) {
            sum = Some(sum.unwrap_or(0) + (kib << 10));
        }
    }
    sum
}

/// The first number behind a name in a `/proc/PID/status`.
fn figure(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{figure, resident};

    #[test]
    fn figures_are_found_by_their_names() {
        let status = "Name:\tVmRSS: 7\nNSpgid:\t42\t1\nVmRSS:\t     321 kB\n";
        assert_eq!((figure(status, "NSpgid:"), figure(status, "VmRSS:")), (Some(42), Some(321)));
        assert_eq!(figure(status, "VmSwap:"), None);
        assert!(resident(rustix::process::getpgrp()).is_some_and(|bytes| bytes > 1 << 16));
    }
}
