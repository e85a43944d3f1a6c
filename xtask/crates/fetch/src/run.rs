//! Short-lived helper programs: captured, bounded in time, stripped of secrets in what they say.

use crate::error::MirrorError;
use camino::Utf8Path;
use halt::{ChildError, Run};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use transfer::{check_room, redact};

/// Between two looks at a disk.
const LOOK: Duration = Duration::from_secs(1);
/// How much of a program's complaint is repeated.
const DETAIL: usize = 2000;

/// Runs a program with both outputs captured, for at most `limit`; a failing exit is an error.
pub(crate) fn capture(
    program: &'static str,
    hint: &'static str,
    run: Run<'_>,
    limit: Duration,
) -> Result<Output, MirrorError> {
    let output = attempt(program, hint, run, limit)?;
    if output.status.success() {
        return Ok(output);
    }
    Err(failed(program, &output))
}

/// As [`attempt`], for a program that writes what others send below `dir`: it is ended before the disk is full.
pub(crate) fn download(
    program: &'static str,
    hint: &'static str,
    command: Command,
    limit: Duration,
    dir: &Utf8Path,
) -> Result<Output, MirrorError> {
    let mut looked = Instant::now();
    let mut watch = || {
        if looked.elapsed() < LOOK {
            return Ok(());
        }
        looked = Instant::now();
        Ok(check_room(dir, 0)?)
    };
    attempt(program, hint, Run::new(command).watch(&mut watch), limit)
}

/// As [`capture`], but a failing exit is the caller's to judge.
pub(crate) fn attempt(
    program: &'static str,
    hint: &'static str,
    run: Run<'_>,
    limit: Duration,
) -> Result<Output, MirrorError> {
    run.limit(limit).output().map_err(|error| match error {
        error if error.is_missing() => MirrorError::Tool { program, hint },
        ChildError::Late { after } => MirrorError::Hung { program: program.to_owned(), after },
        ChildError::Ended(error) => error.downcast().map_or_else(
            |error| MirrorError::Unusable(format!("`{program}` was ended: {error}")),
            MirrorError::NoRoom,
        ),
        error => MirrorError::Unusable(format!("cannot run `{program}`: {error}")),
    })
}

/// The error for a finished program that failed.
pub(crate) fn failed(program: &str, output: &Output) -> MirrorError {
    MirrorError::Command {
        program: program.to_owned(),
        status: output.status.to_string(),
        detail: complaint(&output.stderr),
    }
}

/// The end of a program's standard error, without credentials.
pub(crate) fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let text = redact(text.trim());
    let skip = text.char_indices().rev().nth(DETAIL).map_or(0, |(at, _)| at);
    text[skip..].to_owned()
}
