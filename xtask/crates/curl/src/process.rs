//! The child process: configuration in, both outputs captured.

use crate::error::CurlError;
use crate::redact::redact;
use halt::Run;
use std::process::{Command, Output};
use std::time::Duration;

/// How much of curl's complaint is repeated.
const DETAIL: usize = 2000;

/// Runs curl with `config`; without an answer within `limit` it is stopped. `tick` is called a few times a second.
pub(crate) fn curl(
    config: String,
    args: &[&str],
    limit: Option<Duration>,
    tick: &mut dyn FnMut(),
) -> Result<Output, CurlError> {
    let mut command = Command::new("curl");
    command.args(args).args(["--config", "-"]);
    let run = Run::new(command).input(config).tick(tick);
    let run = match limit {
        Some(limit) => run.limit(limit),
        None => run,
    };
    Ok(run.output()?)
}

/// The end of what curl complains about, without credentials.
pub(crate) fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let text = redact(text.trim());
    let skip = text.char_indices().rev().nth(DETAIL).map_or(0, |(at, _)| at);
    text[skip..].to_owned()
}
