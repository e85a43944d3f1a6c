//! Requests as mirrors need them: redirects are followed, a refusal is a failure, `.netrc` is asked.

use crate::error::MirrorError;
use crate::transfer::Transfer;
use ::curl::{CurlError, Limits, Method, redact};
use camino::Utf8Path;

pub(crate) use ::curl::Response;

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
    tick: impl FnMut(),
) -> Result<Response, MirrorError> {
    let method = if request.head { Method::Head } else { Method::Get };
    let mut wanted = ::curl::Request::new(method, request.url);
    wanted.headers.extend(request.accept.map(|accept| ("Accept", accept)));
    wanted.output = request.output;
    (wanted.resume, wanted.fail, wanted.netrc, wanted.files) = (request.output.is_some(), true, true, true);
    // Curl watches its own stalls, so the run as a whole needs no limit.
    let limits = Limits {
        connect: transfer.connect,
        stall: transfer.stall,
        total: None,
        max_bytes: transfer.max_bytes,
    };
    Ok(::curl::run(&wanted, &limits, tick)?)
}

/// Fetches a small text: an index page.
pub(crate) fn get(url: &str, accept: &str, transfer: &Transfer) -> Result<Response, MirrorError> {
    curl(&Request { url, head: false, accept: Some(accept), output: None }, transfer, || {})
}

/// An answer that is no use as an error.
pub(crate) fn failure(response: &Response, url: &str) -> MirrorError {
    MirrorError::Download { url: redact(url), reason: response.reason() }
}

impl From<CurlError> for MirrorError {
    fn from(error: CurlError) -> Self {
        match error {
            CurlError::Missing => Self::Tool { program: "curl", hint: HINT },
            error => Self::Unusable(error.to_string()),
        }
    }
}

const HINT: &str = "install curl (`cargo xtask install-base-deps` does)";
