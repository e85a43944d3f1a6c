//! What an exit status most often means, and what to do about it.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

const SIGILL: i32 = 4;
const SIGKILL: i32 = 9;

/// A sentence for the end of an error message.
pub(crate) fn advice(status: ExitStatus) -> &'static str {
    // A shell between us and the program tells a signal as 128 and its number.
    let signal = status.signal().or_else(|| status.code().filter(|code| *code > 128).map(|code| code - 128));
    match (signal, status.code()) {
        (Some(SIGILL), _) => {
            "this CPU lacks an instruction that it was built with; build it with `--flavor fallback`"
        }
        (Some(SIGKILL), _) => "somebody killed it; the system does when memory runs out (see `dmesg`)",
        (Some(_), _) => "this is a fault of the backend or of a library that it uses",
        (None, Some(126)) => {
            "the program or its loader is not executable here; was it built for this machine?"
        }
        (None, Some(127)) => "a program or a shared library is missing; build the package again",
        (None, _) => "run it by hand with `--addr 127.0.0.1:0` to see more",
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::advice;

    #[test]
    fn a_signal_reads_the_same_through_a_shell() {
        for signal in [4, 9, 11] {
            let direct = advice(ExitStatus::from_raw(signal));
            assert_eq!(direct, advice(ExitStatus::from_raw((128 + signal) << 8)));
        }
        assert!(advice(ExitStatus::from_raw(4)).contains("--flavor fallback"));
        assert!(advice(ExitStatus::from_raw(127 << 8)).contains("missing"));
        assert!(advice(ExitStatus::from_raw(3 << 8)).contains("by hand"));
    }
}
