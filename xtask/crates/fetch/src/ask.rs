//! Requests as mirrors need them: redirects are followed, a refusal is a failure, `.netrc` is asked, and files of this
//! machine have URLs too.

use crate::error::MirrorError;
use crate::io_error::IoError;
use crate::netrc;
use crate::patience::Transfer;
use camino::{Utf8Path, Utf8PathBuf};
use std::fs;
use std::time::Duration;
use transfer::{
    Answer, Authorization, Backoff, Limit, Method, Patience, Redirects, Request, TransferError, Url, redact,
    send,
};

/// For one file, however slowly it comes.
const LONGEST: Duration = Duration::from_hours(6);
/// Bytes of the largest page.
const PAGE: u64 = 64 << 20;

/// Is there something? Nothing is fetched.
pub(crate) fn probe(url: &str, transfer: &Transfer) -> Result<(), MirrorError> {
    match local(url) {
        Some(path) => path.metadata().map(drop).map_err(|e| IoError::new("opening", &path, e).into()),
        None => ask(&request(Method::Head, url, transfer), &mut || {}).map(drop),
    }
}

/// Fetches a small text: an index page.
pub(crate) fn page(url: &str, accept: &str, transfer: &Transfer) -> Result<Vec<u8>, MirrorError> {
    if let Some(path) = local(url) {
        return fs::read(&path).map_err(|e| IoError::new("reading", &path, e).into());
    }
    let mut request = request(Method::Get, url, transfer);
    request.headers.push(("Accept", accept));
    request.max_bytes = PAGE.min(transfer.max_bytes);
    ask(&request, &mut || {})
}

/// Downloads a file, or goes on with what `part` holds of it. `tick` is called some times a second.
pub(crate) fn download(
    url: &str,
    part: &Utf8Path,
    transfer: &Transfer,
    tick: &mut dyn FnMut(),
) -> Result<(), MirrorError> {
    if let Some(path) = local(url) {
        return copy(&path, part, transfer.max_bytes);
    }
    let request = Request { answer: Answer::File(part), ..request(Method::Get, url, transfer) };
    ask(&request, tick).map(drop)
}

fn request<'a>(method: Method, url: &'a str, transfer: &Transfer) -> Request<'a> {
    // There are other mirrors, and a download that breaks goes on.
    let (connect, idle, backoff) = (transfer.connect, transfer.stall, Backoff::ONCE);
    let patience = Patience { connect, idle, whole: None, total: transfer.program.max(LONGEST), backoff };
    Request { redirects: Redirects::Anywhere, ..Request::new(method, url, patience, transfer.max_bytes) }
}

fn ask(request: &Request<'_>, tick: &mut dyn FnMut()) -> Result<Vec<u8>, MirrorError> {
    let shown = redact(request.url);
    let credentials = known(request.url);
    let request = Request { credentials: credentials.as_ref(), ..request.clone() };
    let response = send(&request, tick).map_err(|error| match error {
        TransferError::Late { limit: Limit::Idle, after } => {
            MirrorError::Hung { program: format!("download of {shown}"), after }
        }
        error @ TransferError::NoRoom { .. } => MirrorError::NoRoom(error),
        TransferError::File { doing, path, error } => IoError::new(doing, path, error).into(),
        error => MirrorError::Download { url: shown.clone(), reason: error.to_string() },
    })?;
    match response.status {
        200..300 => Ok(response.body),
        status => Err(MirrorError::Download { url: shown, reason: format!("the server answered {status}") }),
    }
}

/// What `.netrc` knows about the host, unless the URL itself says who asks, or others could read along.
fn known(url: &str) -> Option<Authorization> {
    let url = Url::parse(url).ok().filter(|url| !url.has_user())?;
    let secret = netrc::lookup(&netrc::read()?, url.origin().host())?;
    Authorization::new(url.origin(), secret).ok()
}

/// The file that a `file:` URL names.
fn local(url: &str) -> Option<Utf8PathBuf> {
    let path = url.strip_prefix("file://")?;
    let path = path.strip_prefix("localhost").filter(|path| path.starts_with('/')).unwrap_or(path);
    Some(transfer::decode(path)?.into())
}

fn copy(from: &Utf8Path, to: &Utf8Path, limit: u64) -> Result<(), MirrorError> {
    let bytes = from.metadata().map_err(|error| IoError::new("opening", from, error))?.len();
    if bytes > limit {
        return Err(MirrorError::Unusable(format!("{from} is larger than {limit} bytes")));
    }
    fs::copy(from, to).map_err(|error| IoError::new("copying into the cache", from, error))?;
    Ok(())
}
