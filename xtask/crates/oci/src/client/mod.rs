//! The client: one request with credentials and patience. What requests mean is in [`crate::repository`].

pub(crate) mod authorize;
mod batch;
pub(crate) mod endpoint;
pub(crate) mod expect;
pub(crate) mod pages;
mod refusal;
pub(crate) mod settings;

use crate::auth::access::Access;
use crate::auth::challenge::Challenge;
use crate::auth::host::Hosts;
use crate::client::settings::Settings;
use crate::error::RegistryError;
use camino::Utf8Path;
use std::time::Duration;
use transfer::{
    Answer, Authorization, Backoff, Body, Method, Patience, Redirects, Request, Response, TransferError,
};

/// Speaks with registries. It may be shared between threads; tokens are kept as long as it lives.
#[derive(Debug)]
pub struct Client {
    pub(crate) settings: Settings,
    pub(crate) hosts: Hosts,
}

/// One request.
#[derive(Clone)]
pub(crate) struct Call<'a> {
    /// In words, for errors: `reading the tags of …`.
    pub(crate) doing: String,
    pub(crate) access: Access<'a>,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body<'a>,
    /// For the body of a large answer.
    pub(crate) output: Option<&'a Utf8Path>,
    /// Not to be repeated as it is: the caller knows how to go on.
    pub(crate) once: bool,
    /// Whose word the answer is.
    pub(crate) whose: Whose,
}

/// Whose word an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The registry's: it is asked with credentials, and nobody else in its place.
    Registry,
    /// Whoever the registry sends us on to, who sees no credentials: a digest proves what they give.
    Anybody,
    /// Somebody whom the registry named: they see no credentials, and what they say proves nothing.
    Other,
}

impl<'a> Call<'a> {
    pub(crate) fn new(doing: String, access: Access<'a>, method: Method, url: String) -> Self {
        let (headers, body, output) = (Vec::new(), Body::Nothing, None);
        Self { doing, access, method, url, headers, body, output, once: false, whose: Whose::Registry }
    }

    /// Reads what a digest proves.
    pub(crate) fn content(doing: String, access: Access<'a>, url: String) -> Self {
        Self { whose: Whose::Anybody, ..Self::new(doing, access, Method::Get, url) }
    }
}

/// Bytes of the largest answer that is held in memory.
const SMALL: u64 = 8 << 20;
/// Bytes of the largest blob.
const LARGE: u64 = 64 << 30;
/// For one question, however often it is asked.
const LONG: Duration = Duration::from_mins(10);
/// For one blob, however often it is taken up again.
const LONGEST: Duration = Duration::from_hours(6);

impl Client {
    /// A client with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, hosts: Hosts::default() }
    }

    /// Makes a request: with credentials if they are asked for, and again if that may help.
    ///
    /// What comes back is an answer below 500 that is neither about permissions nor about too many requests.
    pub(crate) fn call(&self, call: &Call<'_>) -> Result<Response, RegistryError> {
        let mut response = self.ask(call)?;
        if response.status == 401 && self.learn(call, &response) {
            response = self.ask(call)?;
        }
        permitted(call, response)
    }

    fn ask(&self, call: &Call<'_>) -> Result<Response, RegistryError> {
        let credentials = match call.whose {
            Whose::Registry | Whose::Anybody => self.authorization(&call.doing, &call.access)?,
            Whose::Other => None,
        };
        let request = self.request(call, &call.url, credentials.as_ref());
        send(call.access.repository().host(), &call.doing, &request)
    }

    /// What `call` asks for at a URL.
    pub(crate) fn request<'r>(
        &self,
        call: &'r Call<'_>,
        url: &'r str,
        credentials: Option<&'r Authorization>,
    ) -> Request<'r> {
        // Blobs take as long as they take, in either direction.
        let large = call.output.is_some() || call.once;
        let backoff = if call.once { Backoff::ONCE } else { self.settings.backoff };
        let whole = (!large).then_some(self.settings.small);
        Request {
            method: call.method,
            url,
            headers: call.headers.iter().map(|(name, value)| (*name, value.as_str())).collect(),
            credentials,
            body: call.body,
            answer: call.output.map_or(Answer::Memory, Answer::File),
            max_bytes: if call.output.is_some() { LARGE } else { SMALL },
            redirects: match call.whose {
                Whose::Anybody => Redirects::Anywhere,
                Whose::Registry | Whose::Other => Redirects::SameOrigin,
            },
            patience: Patience { whole, backoff, total: if large { LONGEST } else { LONG }, ..self.small() },
        }
    }

    /// How patient small requests are.
    pub(crate) fn small(&self) -> Patience {
        let Settings { connect, stall, small, backoff, .. } = self.settings;
        Patience { connect, idle: stall, whole: Some(small), total: LONG, backoff }
    }

    /// Remembers what the registry, and nobody else, wants to see. True if another try makes sense.
    pub(crate) fn learn(&self, call: &Call<'_>, response: &Response) -> bool {
        let own = response.own && call.whose != Whose::Other;
        let challenge = response.headers.all("www-authenticate").find_map(Challenge::parse);
        challenge.filter(|_| own).is_some_and(|challenge| self.hosts.learn(&call.access, challenge))
    }
}

/// Did somebody else than the registry say no?
pub(crate) fn is_others_refusal(call: &Call<'_>, response: &Response) -> bool {
    match response.status {
        200..300 => false,
        401 | 403 if call.whose == Whose::Other => true,
        _ => !response.own,
    }
}

/// An answer that is about something else than permissions. What somebody else refuses, or does not have, says nothing
/// about the registry.
pub(crate) fn permitted(call: &Call<'_>, response: Response) -> Result<Response, RegistryError> {
    match response.status {
        status if is_others_refusal(call, &response) => {
            let reason = format!("{}, whom the registry names, answered {status}", response.url);
            Err(RegistryError::malformed(&call.doing, &reason))
        }
        status @ (401 | 403) => {
            let detail = refusal::detail(&response.body);
            Err(RegistryError::denied(&call.doing, call.access.repository(), status, detail))
        }
        _ => Ok(response),
    }
}

/// Makes a request as it is.
pub(crate) fn send(host: &str, doing: &str, request: &Request<'_>) -> Result<Response, RegistryError> {
    settled(host, doing, transfer::send(request, &mut || {}))
}

/// The last word of a registry, or why there is none.
pub(crate) fn settled(
    host: &str,
    doing: &str,
    outcome: Result<Response, TransferError>,
) -> Result<Response, RegistryError> {
    let (host, said) = (host.to_owned(), doing.to_owned());
    match outcome {
        Ok(response) if response.status == 429 => {
            Err(RegistryError::Busy { host, doing: said, after: response.headers.retry_after() })
        }
        Ok(response) if response.may_pass() || response.status >= 500 => {
            let detail = refusal::detail(&response.body);
            Err(RegistryError::Answer { doing: said, status: response.status, detail })
        }
        Ok(response) => Ok(response),
        Err(TransferError::Stopped(stopped)) => Err(stopped.into()),
        Err(TransferError::File { doing, path, error }) => Err(RegistryError::Io { doing, path, error }),
        Err(
            error @ (TransferError::Unusable { .. }
            | TransferError::TooLarge { .. }
            | TransferError::Malformed(_)
            | TransferError::Redirected { .. }),
        ) => Err(RegistryError::malformed(doing, &error)),
        Err(error) => Err(RegistryError::Unreachable { host, doing: said, reason: error.to_string() }),
    }
}
