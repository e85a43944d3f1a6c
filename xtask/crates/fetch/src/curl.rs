//! Drives `curl`: the URL goes in by standard input, so that credentials in it show in no process list.

use crate::error::MirrorError;
use crate::redact::redact;
use crate::run::complaint;
use crate::transfer::Transfer;
use camino::Utf8Path;
use std::time::{Duration, Instant};

const HINT: &str = "install curl (`cargo xtask install-base-deps` does)";

/// The end of one run of curl.
pub(crate) struct Response {
    /// Curl's exit code; 0 is success.
    pub(crate) exit: i32,
    /// HTTP status of the last answer, 0 if there was none.
    pub(crate) status: u16,
    /// What curl says about a failure, without credentials.
    pub(crate) detail: String,
    /// The body, unless it went to a file.
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The answer as an error.
    pub(crate) fn error(&self, url: &str) -> MirrorError {
        let reason = match (self.status, self.detail.trim_start_matches("curl: ")) {
            (0 | 200 | 206, "") => format!("curl ended with {}", self.exit),
            (0 | 200 | 206, detail) => detail.to_owned(),
            (status, _) if status >= 400 => format!("the server answered {status}"),
            (status, detail) => format!("status {status}, {detail}"),
        };
        MirrorError::Download { url: redact(url), reason }
    }
}

/// What to ask for.
pub(crate) struct Request<'a> {
    pub(crate) url: &'a str,
    pub(crate) head: bool,
    pub(crate) accept: Option<&'a str>,
    /// File to write or continue.
    pub(crate) output: Option<&'a Utf8Path>,
}

/// Runs curl once. `tick` is called a few times a second while it runs.
pub(crate) fn curl(
    request: &Request<'_>,
    transfer: &Transfer,
    mut tick: impl FnMut(),
) -> Result<Response, MirrorError> {
    let mut args: Vec<String> = [
        "--fail",
        "--location",
        "--silent",
        "--show-error",
        "--netrc-optional",
        "--globoff",
        "--max-redirs",
        "10",
        "--proto",
        "=https,http,file",
        "--proto-redir",
        "=https,http",
        "--speed-limit",
        "1",
        "--write-out",
        "%{stderr}\\n%{http_code}",
    ]
    .map(str::to_owned)
    .into();
    let seconds = |limit: Duration| limit.as_secs().max(1).to_string();
    args.extend(["--connect-timeout".to_owned(), seconds(transfer.connect)]);
    args.extend(["--speed-time".to_owned(), seconds(transfer.stall)]);
    args.extend(["--max-filesize".to_owned(), transfer.max_bytes.to_string()]);
    if request.head {
        args.push("--head".to_owned());
    }
    if let Some(accept) = request.accept {
        args.extend(["--header".to_owned(), format!("Accept: {accept}")]);
    }
    if let Some(output) = request.output {
        args.extend(["--continue-at".to_owned(), "-".to_owned(), "--output".to_owned(), output.to_string()]);
    }
    args.extend(["--config".to_owned(), "-".to_owned()]);
    let config = format!("url = \"{}\"\n", request.url.replace('\\', "\\\\").replace('"', "\\\""));
    if request.url.contains(['\n', '\r', '\0']) {
        return Err(MirrorError::Unusable("a URL may not hold line breaks".to_owned()));
    }
    let expression = duct::cmd("curl", args).stdin_bytes(config);
    let output = watched(&expression, &mut tick)?;
    let stderr = complaint(&output.stderr);
    let (detail, status) = stderr.rsplit_once('\n').unwrap_or(("", &stderr));
    Ok(Response {
        exit: output.status.code().unwrap_or(-1),
        status: status.trim().parse().unwrap_or(0),
        detail: detail.trim().to_owned(),
        body: output.stdout,
    })
}

/// Curl watches its own stalls, so the run as a whole needs no limit.
fn watched(
    expression: &duct::Expression,
    tick: &mut impl FnMut(),
) -> Result<std::process::Output, MirrorError> {
    let start = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => MirrorError::Tool { program: "curl", hint: HINT },
        _ => MirrorError::Unusable(format!("cannot run `curl`: {error}")),
    };
    let handle = expression.stdout_capture().stderr_capture().unchecked().start().map_err(start)?;
    loop {
        let until = Instant::now() + Duration::from_millis(250);
        if let Some(output) = handle.wait_deadline(until).map_err(start)? {
            return Ok(output.clone());
        }
        tick();
    }
}

/// Fetches a small text: an index page.
pub(crate) fn get(url: &str, accept: &str, transfer: &Transfer) -> Result<Response, MirrorError> {
    curl(&Request { url, head: false, accept: Some(accept), output: None }, transfer, || {})
}
