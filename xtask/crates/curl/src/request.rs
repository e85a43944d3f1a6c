//! A request as data.

use camino::Utf8Path;

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Reads headers alone.
    Head,
    /// Creates something whose name the server chooses.
    Post,
    /// Writes the whole of something.
    Put,
    /// Writes a part of something.
    Patch,
    /// Removes.
    Delete,
}

/// What is sent along.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// Nothing at all, as GET, HEAD and DELETE want it.
    None,
    /// A body without bytes.
    Empty,
    /// These bytes. They pass through a temporary file.
    Bytes(&'a [u8]),
    /// The bytes of a file.
    File(&'a Utf8Path),
    /// An HTML form, which may hold secrets.
    Form(&'a [(&'a str, &'a str)]),
}

/// What to ask for, and what to do with the answer.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// How.
    pub method: Method,
    /// Where.
    pub url: &'a str,
    /// Headers beside curl's own.
    pub headers: Vec<(&'a str, &'a str)>,
    /// What is sent along.
    pub body: Body<'a>,
    /// File for the body of the answer, otherwise memory.
    pub output: Option<&'a Utf8Path>,
    /// Go on with what the output file holds.
    pub resume: bool,
    /// An answer of 400 and above fails the run, and its body is dropped.
    pub fail: bool,
    /// The user's `.netrc` may know credentials.
    pub netrc: bool,
    /// `file:` URLs are welcome.
    pub files: bool,
}

impl<'a> Request<'a> {
    /// A request without headers or body, answered into memory.
    pub fn new(method: Method, url: &'a str) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Body::None,
            output: None,
            resume: false,
            fail: false,
            netrc: false,
            files: false,
        }
    }
}

impl Method {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}
