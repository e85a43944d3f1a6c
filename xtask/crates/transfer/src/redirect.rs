//! Which redirects are followed.

use crate::error::TransferError;
use crate::request::{Body, Redirects, Request};
use crate::url::Url;

/// More are a server that goes in circles.
pub(crate) const MOST: usize = 10;

/// Where an answer sends us, if that is to be followed.
pub(crate) fn target(
    request: &Request<'_>,
    asked: &Url,
    status: u16,
    location: Option<&str>,
) -> Result<Option<Url>, TransferError> {
    // Others than these change what is done: a write that becomes a read.
    let followed = matches!(status, 307 | 308) || request.method.reads() && matches!(status, 301..=303);
    let Some(location) = location.filter(|_| followed && request.redirects != Redirects::Answer) else {
        return Ok(None);
    };
    let next = asked.join(location)?;
    let refuse = |why| Err(TransferError::Redirected { to: next.to_string(), why });
    let foreign = next.origin() != asked.origin();
    if foreign && request.redirects == Redirects::SameOrigin {
        return Ok(None);
    }
    if asked.origin().is_encrypted() && !next.origin().is_encrypted() {
        return refuse("which is not encrypted");
    }
    if foreign && !matches!(request.body, Body::Nothing) {
        return refuse("which is somebody else, and what is sent is not for them");
    }
    Ok(Some(next))
}
