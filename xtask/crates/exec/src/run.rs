//! The native runner: one command, its output to a log and to whoever watches.

use crate::resolved::Resolved;
use camino::{Utf8Path, Utf8PathBuf};
use halt::{ChildError, Run};
use plan::cmd::Cmd;
use std::collections::VecDeque;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

/// Lines of output kept for an error message.
const TAIL: usize = 25;
/// What a compiler's driver says when the compiler proper is killed.
const KILLED: &str = "Killed signal terminated program";
/// Why processes are killed that nobody killed.
const MEMORY: &str = "often the system running out of memory; try fewer --jobs";

/// A command that did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not be started.
    #[error("cannot start `{program}`: {error}; {next}")]
    Start {
        /// Program.
        program: String,
        /// Why.
        error: std::io::Error,
        /// What to do.
        next: String,
    },
    /// It ended with an error.
    #[error("`{program}` {how}\n{tail}\nfull log: {log}")]
    Failed {
        /// Program.
        program: String,
        /// `exited with 2`, or `was killed by signal 9 …`.
        how: String,
        /// The last lines that it printed.
        tail: String,
        /// Where all lines are.
        log: Utf8PathBuf,
    },
    /// A step that only a script or a build can do.
    #[error(
        "`{0}` stands in a plan of this machine, which has nothing to do it with: a defect of the tables"
    )]
    NotHere(String),
    /// Ctrl-C or SIGTERM.
    #[error("stopped")]
    Stopped,
    /// The log or the pipe failed.
    #[error("cannot follow the output of `{program}` into {log}: {error}")]
    Output {
        /// Program.
        program: String,
        /// The log.
        log: Utf8PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// Runs commands until one succeeds: which failure is told is the last one's.
pub fn first_of(cmds: &[Cmd], mut run: impl FnMut(&Cmd) -> Result<(), RunError>) -> Result<(), RunError> {
    let Some((last, before)) = cmds.split_last() else { return Ok(()) };
    for cmd in before {
        match run(cmd) {
            Err(RunError::Failed { .. }) => {}
            ended => return ended,
        }
    }
    run(last)
}

/// Runs a command to its end. Every line goes to `log` (appended) and to `watch`.
pub fn run(cmd: &Resolved, log: &Utf8Path, mut watch: impl FnMut(&str)) -> Result<(), RunError> {
    let output = |error| RunError::Output { program: cmd.program.clone(), log: log.to_owned(), error };
    let mut file = fs_err::OpenOptions::new().create(true).append(true).open(log).map_err(output)?;
    writeln!(file, "$ {cmd}\n  in {}", cmd.cwd).map_err(output)?;
    let mut tail = VecDeque::with_capacity(TAIL);
    let status = follow(cmd, log, |line| {
        file.write_all(line)?;
        let text = String::from_utf8_lossy(line).trim_end().to_owned();
        watch(&text);
        if tail.len() == TAIL {
            tail.pop_front();
        }
        tail.push_back(text);
        Ok(())
    })?;
    match status {
        status if status.success() => Ok(()),
        status => Err(RunError::Failed {
            program: cmd.program.clone(),
            how: how(status, tail.iter().any(|line| line.contains(KILLED))),
            tail: tail.into_iter().map(|line| format!("  │ {line}")).collect::<Vec<_>>().join("\n"),
            log: log.to_owned(),
        }),
    }
}

/// Runs a command and hands each line that it prints to `each`, with its end. `log` is where errors say that the lines
/// went.
pub(crate) fn follow(
    cmd: &Resolved,
    log: &Utf8Path,
    each: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<ExitStatus, RunError> {
    let mut command = Command::new(&cmd.program);
    command.args(&cmd.args).current_dir(&cmd.cwd).env_clear().envs(&cmd.env);
    let run = Run::new(command);
    let run = match &cmd.stdin {
        Some(text) => run.input(text.as_bytes().to_vec()),
        None => run,
    };
    run.lines(each).map_err(|error| match error {
        ChildError::Start(error) => start_error(cmd, error),
        ChildError::Stopped(_) => RunError::Stopped,
        error => {
            let error = error.into_io();
            RunError::Output { program: cmd.program.clone(), log: log.to_owned(), error }
        }
    })
}

fn start_error(cmd: &Resolved, error: std::io::Error) -> RunError {
    let next = if error.kind() == std::io::ErrorKind::NotFound && !cmd.program.contains('/') {
        format!("`{}` is not on PATH: run `cargo xtask install-base-deps`", cmd.program)
    } else {
        format!("look at {}", cmd.cwd)
    };
    RunError::Start { program: cmd.program.clone(), error, next }
}

fn how(status: ExitStatus, compiler_killed: bool) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) if compiler_killed => {
            format!("exited with {code} because a compiler was killed: {MEMORY}")
        }
        (Some(code), _) => format!("exited with {code}"),
        (None, Some(9)) => {
            format!("was killed by signal 9: {MEMORY}")
        }
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        _ => "ended without a status".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> (Result<(), RunError>, Vec<String>, String) {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let log = dir.join("log");
        let mut lines = Vec::new();
        let cmd = Resolved::new("sh", dir).args(["-c", script]);
        let result = run(&cmd, &log, |line| lines.push(line.to_owned()));
        (result, lines, fs_err::read_to_string(&log).unwrap())
    }

    #[test]
    fn streams_both_outputs_and_keeps_them() {
        let (result, lines, log) = shell("echo out; echo err >&2");
        result.unwrap();
        assert_eq!(lines, ["out", "err"]);
        assert!(log.contains("out\nerr\n"), "{log}");
    }

    #[test]
    fn says_how_it_failed_with_its_last_lines() {
        let (result, _, _) = shell("echo reason; exit 3");
        let error = result.unwrap_err().to_string();
        assert!(error.contains("exited with 3") && error.contains("│ reason"), "{error}");
        let (result, _, _) = shell("kill -9 $$");
        assert!(result.unwrap_err().to_string().contains("out of memory"));
        let (result, _, _) = shell("echo c++: fatal error: Killed signal terminated program cc1plus; exit 1");
        assert!(result.unwrap_err().to_string().contains("exited with 1 because a compiler was killed"));
    }

    #[test]
    fn what_is_left_running_ends_with_the_command() {
        let (result, lines, _) = shell("sleep 1000 >/dev/null 2>&1 & echo $!");
        result.unwrap();
        let pid: i32 = lines[0].parse().unwrap();
        let gone = (0..2000).any(|_| {
            std::thread::yield_now();
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.is_empty() || stat.contains(") Z ")
        });
        assert!(gone, "process {pid} is still there");
    }

    #[test]
    fn a_missing_program_says_what_to_install() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let error = run(&Resolved::new("no-such-tool", dir), &dir.join("log"), |_| ()).unwrap_err();
        assert!(error.to_string().contains("install-base-deps"), "{error}");
    }
}
