//! An answer as data.

use crate::url::Url;
use std::fmt;
use std::time::Duration;
use ureq::http::HeaderMap;

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: Headers,
    /// The body, unless it went to a file.
    pub body: Vec<u8>,
    /// Who answered, after all redirects.
    pub url: Url,
    /// Is it the word of the origin that was asked, which nobody else had a say in?
    pub own: bool,
}

/// Headers, by lower-case name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Response {
    /// Is this an answer that may be another one in a while?
    pub fn may_pass(&self) -> bool {
        matches!(self.status, 408 | 425 | 429 | 500 | 502..=504)
    }
}

impl Headers {
    /// The first value of a header; `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a header, in order; `name` in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// How long the server asks to be left alone, if it says so in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        self.get("retry-after")?.parse().ok().map(Duration::from_secs)
    }
}

/// Values may be tokens, or lead to where nobody else may go: the names alone are printed.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl From<&HeaderMap> for Headers {
    fn from(map: &HeaderMap) -> Self {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        Self(map.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect())
    }
}
