//! A request as data.

use crate::authorization::Authorization;
use crate::patience::Patience;
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

/// What is sent along. It goes to the origin that is asked, and no redirect takes it anywhere else.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// Nothing.
    Nothing,
    /// These bytes.
    Bytes(&'a [u8]),
    /// A part of a file.
    File {
        /// The file.
        path: &'a Utf8Path,
        /// Where the part begins.
        from: u64,
        /// Its bytes.
        length: u64,
    },
    /// An HTML form, which may hold secrets.
    Form(&'a [(&'a str, &'a str)]),
}

/// Where the body of a good answer goes. What else a server says is kept in memory, and not much of it.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// Memory.
    Memory,
    /// A file. What it holds already is not asked for again, where the server can do that.
    File(&'a Utf8Path),
}

/// Which redirects are followed. One that is not encrypted is never followed from one that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// None: they are answers.
    Answer,
    /// Those within the origin that was asked; any other is the answer.
    SameOrigin,
    /// All, without credentials as soon as it is another origin.
    Anywhere,
}

/// What to ask for, and what the answer may cost.
#[derive(Clone)]
pub struct Request<'a> {
    /// How.
    pub method: Method,
    /// Where. A user in it is shown to this origin alone.
    pub url: &'a str,
    /// Headers beside our own.
    pub headers: Vec<(&'a str, &'a str)>,
    /// Who asks. It is shown to the origin that it belongs to, as long as nobody else had a say in where this goes.
    pub credentials: Option<&'a Authorization>,
    /// What is sent along.
    pub body: Body<'a>,
    /// Where the answer goes.
    pub answer: Answer<'a>,
    /// Bytes of the largest answer.
    pub max_bytes: u64,
    /// Which redirects are followed.
    pub redirects: Redirects,
    /// How long it may take.
    pub patience: Patience,
}

impl<'a> Request<'a> {
    /// Nothing is sent along, no redirect followed, and the answer goes to memory.
    pub fn new(method: Method, url: &'a str, patience: Patience, max_bytes: u64) -> Self {
        let (body, answer, redirects) = (Body::Nothing, Answer::Memory, Redirects::Answer);
        Self {
            method,
            url,
            headers: Vec::new(),
            credentials: None,
            body,
            answer,
            max_bytes,
            redirects,
            patience,
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

    /// Does it read and do nothing else?
    pub(crate) fn reads(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}
