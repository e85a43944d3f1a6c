//! The client: one request with credentials and patience. What requests mean is in the files beside this one.

use crate::access::Access;
use crate::challenge::Challenge;
use crate::error::RegistryError;
use crate::host::Hosts;
use crate::refusal;
use crate::retry;
use crate::settings::Settings;
use camino::Utf8Path;
use curl::{Body, CurlError, Limits, Method, Request, Response};

/// Speaks with registries. It may be shared between threads; tokens are kept as long as it lives.
#[derive(Debug)]
pub struct Client {
    pub(crate) settings: Settings,
    pub(crate) hosts: Hosts,
}

/// One request.
#[derive(Debug, Clone)]
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
    pub(crate) max_bytes: u64,
    /// Not to be repeated as it is: the caller knows how to go on.
    pub(crate) once: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn new(doing: String, access: Access<'a>, method: Method, url: String) -> Self {
        let (headers, body, output) = (Vec::new(), Body::None, None);
        Self { doing, access, method, url, headers, body, output, max_bytes: SMALL, once: false }
    }
}

/// Bytes of the largest answer that is held in memory.
pub(crate) const SMALL: u64 = 8 << 20;
const TOO_LARGE: i32 = 63;
const WRITE_ERROR: i32 = 23;
const PARTIAL: i32 = 18;

impl Client {
    /// A client with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, hosts: Hosts::default() }
    }

    /// Makes a request: with credentials if they are asked for, and again if that may help.
    ///
    /// What comes back is an answer below 500 that is neither about permissions nor about too many requests.
    pub(crate) fn call(&self, call: &Call<'_>) -> Result<Response, RegistryError> {
        let mut response = self.persistent(call)?;
        if response.status == 401 && self.learn(call, &response) {
            response = self.persistent(call)?;
        }
        permitted(call, response)
    }

    fn persistent(&self, call: &Call<'_>) -> Result<Response, RegistryError> {
        let authorization = self.authorization(&call.doing, &call.access)?;
        let host = call.access.repository().host();
        self.retrying(host, &call.doing, call.once, || self.send(call, authorization.as_deref()))
    }

    /// Tries until there is an answer that will not change by waiting.
    pub(crate) fn retrying(
        &self,
        host: &str,
        doing: &str,
        once: bool,
        mut send: impl FnMut() -> Result<Response, CurlError>,
    ) -> Result<Response, RegistryError> {
        for tried in 1.. {
            halt::check()?;
            let response = send()?;
            if !may_pass(&response) {
                return settled(host, doing, response);
            }
            let asked = response.headers.retry_after();
            let wait = self.settings.backoff.wait(tried, asked, retry::chance());
            match wait.filter(|_| !once) {
                Some(wait) => halt::pause(wait)?,
                None => return settled(host, doing, response),
            }
        }
        unreachable(host, doing, "it was tried too often")
    }

    /// Remembers what the registry wants to see. True if another try makes sense.
    pub(crate) fn learn(&self, call: &Call<'_>, response: &Response) -> bool {
        let challenge = response.headers.all("www-authenticate").find_map(Challenge::parse);
        challenge.is_some_and(|challenge| self.hosts.learn(&call.access, challenge))
    }

    fn send(&self, call: &Call<'_>, authorization: Option<&str>) -> Result<Response, CurlError> {
        let mut request = Request::new(call.method, &call.url);
        request.headers = call.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        request.headers.extend(authorization.map(|value| ("Authorization", value)));
        request.body = call.body;
        request.output = call.output;
        (request.resume, request.fail) = (call.output.is_some(), call.output.is_some());
        let large = call.output.is_some() || matches!(call.body, Body::File(_));
        curl::run(&request, &self.limits(large, call.max_bytes), || {})
    }

    pub(crate) fn limits(&self, large: bool, max_bytes: u64) -> Limits {
        let total = (!large).then_some(self.settings.small);
        Limits { connect: self.settings.connect, stall: self.settings.stall, total, max_bytes }
    }
}

fn permitted(call: &Call<'_>, response: Response) -> Result<Response, RegistryError> {
    match response.status {
        status @ (401 | 403) => {
            let detail = refusal::detail(&response.body);
            Err(RegistryError::denied(&call.doing, call.access.repository(), status, detail))
        }
        _ => Ok(response),
    }
}

/// Is this an answer that may be another one in a while?
pub(crate) fn may_pass(response: &Response) -> bool {
    match response.status {
        408 | 425 | 429 | 500 | 502..=504 => true,
        status => response.is_connection_lost() && (status < 400),
    }
}

/// The last word of a registry, or why there is none.
fn settled(host: &str, doing: &str, response: Response) -> Result<Response, RegistryError> {
    let doing = || doing.to_owned();
    match (response.status, response.exit) {
        (429, _) => {
            let after = response.headers.retry_after();
            Err(RegistryError::Busy { host: host.to_owned(), doing: doing(), after })
        }
        (status @ 500.., _) => {
            let detail = refusal::detail(&response.body);
            Err(RegistryError::Answer { doing: doing(), status, detail })
        }
        (400.., _) | (100.., 0) => Ok(response),
        (_, TOO_LARGE) => {
            Err(RegistryError::Malformed { doing: doing(), reason: "it is larger than expected".to_owned() })
        }
        (_, WRITE_ERROR) => {
            let reason = format!("the answer cannot be written; is the disk full? {}", response.detail);
            Err(RegistryError::Malformed { doing: doing(), reason })
        }
        (100.., PARTIAL) => unreachable(host, &doing(), "the connection broke in the middle of the answer"),
        _ => unreachable(host, &doing(), response.detail.trim_start_matches("curl: ")),
    }
}

pub(crate) fn unreachable<T>(host: &str, doing: &str, reason: &str) -> Result<T, RegistryError> {
    let reason = if reason.is_empty() { "no answer" } else { reason };
    Err(RegistryError::Unreachable {
        host: host.to_owned(),
        doing: doing.to_owned(),
        reason: reason.to_owned(),
    })
}
