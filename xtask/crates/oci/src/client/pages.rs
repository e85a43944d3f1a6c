//! Lists that come page by page: whatever a server does, they end.

use crate::client::{Call, Client, endpoint};
use crate::error::RegistryError;
use std::time::Instant;
use transfer::Response;

/// Bytes of all pages of a list: a million tags.
const BYTES: usize = 64 << 20;
/// More pages than this are a server that goes in circles.
const PAGES: usize = 10_000;

impl Client {
    /// Asks for page after page. `read` takes one in and says where the next is, if there is one.
    pub(crate) fn pages(
        &self,
        call: Call<'_>,
        ask: impl Fn(&Call<'_>) -> Result<Response, RegistryError>,
        mut read: impl FnMut(&Call<'_>, Response) -> Result<Option<String>, RegistryError>,
    ) -> Result<(), RegistryError> {
        let (began, mut bytes, mut call) = (Instant::now(), 0, call);
        for _ in 0..PAGES {
            let response = ask(&call)?;
            bytes += response.body.len();
            let Some(next) = read(&call, response)? else { return Ok(()) };
            if bytes > BYTES || began.elapsed() > self.settings.list {
                break;
            }
            call.url = next;
        }
        Err(RegistryError::malformed(&call.doing, "the list has no end"))
    }
}

/// The next page by the `Link` header of this one.
pub(crate) fn linked(call: &Call<'_>, response: &Response) -> Result<Option<String>, RegistryError> {
    endpoint::next_page(&call.doing, response)
}
