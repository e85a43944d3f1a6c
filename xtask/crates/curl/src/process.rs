//! The child process: configuration in, both outputs captured.

use crate::error::CurlError;
use crate::redact::redact;
use std::process::Output;
use std::time::{Duration, Instant};

/// How much of curl's complaint is repeated.
const DETAIL: usize = 2000;

/// Runs curl with `config`; without an answer within `limit` it is stopped. `tick` is called a few times a second.
pub(crate) fn curl(
    config: String,
    args: &[&str],
    limit: Option<Duration>,
    tick: &mut dyn FnMut(),
) -> Result<Output, CurlError> {
    let args: Vec<&str> = args.iter().copied().chain(["--config", "-"]).collect();
    let expression =
        duct::cmd("curl", args).stdin_bytes(config).stdout_capture().stderr_capture().unchecked();
    let began = Instant::now();
    let handle = expression.start().map_err(CurlError::start)?;
    loop {
        let until = Instant::now() + Duration::from_millis(250);
        if let Some(output) = handle.wait_deadline(until).map_err(CurlError::start)? {
            return Ok(output.clone());
        }
        tick();
        if let Some(after) = limit
            && began.elapsed() > after
        {
            // A child that is gone already needs no killing; the limit is the news either way.
            let _ = handle.kill();
            return Err(CurlError::Hung { after });
        }
    }
}

/// The end of what curl complains about, without credentials.
pub(crate) fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let text = redact(text.trim());
    let skip = text.char_indices().rev().nth(DETAIL).map_or(0, |(at, _)| at);
    text[skip..].to_owned()
}
