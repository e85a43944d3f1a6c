//! One try: a request, its redirects, its answer.

use crate::agent::agent;
use crate::allowance;
use crate::budget::Budget;
use crate::encode::form;
use crate::error::TransferError;
use crate::part::Part;
use crate::patience::Patience;
use crate::receive::{Receiver, continues};
use crate::redirect;
use crate::request::{Answer, Body, Method, Request};
use crate::response::{Headers, Response};
use crate::url::Url;
use std::time::Instant;
use ureq::http::{self, HeaderValue};
use ureq::{AsSendBody, SendBody};

/// Asks once, and is done by `until`. What the file of the answer holds is continued if the server can do that.
pub(crate) fn attempt(
    request: &Request<'_>,
    until: Option<Instant>,
    memory: &Budget,
    tick: &mut dyn FnMut(),
) -> Result<Response, TransferError> {
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    let whole = request.patience.whole.into_iter().chain(left).min();
    let patience = Patience { whole, ..request.patience };
    let until = whole.and_then(|whole| Instant::now().checked_add(whole));
    let first = Url::parse(request.url)?;
    let attempt = Attempt { request, patience, until, first, memory };
    let kept = kept(request);
    if kept > 0
        && let Some(response) = attempt.follow(kept, tick)?
    {
        return Ok(response);
    }
    let unasked = || TransferError::Malformed("it continues what was not begun".to_owned());
    attempt.follow(0, tick)?.ok_or_else(unasked)
}

/// Bytes that the file of the answer holds.
pub(crate) fn kept(request: &Request<'_>) -> u64 {
    match request.answer {
        Answer::File(path) => path.metadata().map_or(0, |meta| meta.len()),
        Answer::Memory => 0,
    }
}

struct Attempt<'a> {
    request: &'a Request<'a>,
    /// With the time that is left for the whole.
    patience: Patience,
    until: Option<Instant>,
    /// Whose origin may see the credentials.
    first: Url,
    memory: &'a Budget,
}

impl Attempt<'_> {
    /// The last answer behind all redirects; none if the server does not continue behind `kept` bytes.
    fn follow(&self, kept: u64, tick: &mut dyn FnMut()) -> Result<Option<Response>, TransferError> {
        let (mut url, mut own) = (self.first.clone(), true);
        for _ in 0..=redirect::MOST {
            let answer = self.ask(&url, own, kept)?;
            let (status, headers) = (answer.status().as_u16(), Headers::from(answer.headers()));
            if let Some(next) = redirect::target(self.request, &url, status, headers.get("location"))? {
                url = next;
                own &= url.origin() == self.first.origin();
                continue;
            }
            let from = if continues(status, &headers, kept) { kept } else { 0 };
            if status == 206 && from == 0 || status == 416 && kept > 0 {
                return Ok(None);
            }
            let body = if self.request.method == Method::Head {
                Vec::new()
            } else {
                let body = answer.into_body().into_reader();
                Receiver { request: self.request, patience: &self.patience, memory: self.memory, tick }
                    .receive((status, &headers), from, body)?
            };
            return Ok(Some(Response { status, headers, body, url, own }));
        }
        Err(TransferError::Redirected { to: url.to_string(), why: "and so on, in circles" })
    }

    /// `own`: nobody else had a say in where this goes.
    fn ask(&self, url: &Url, own: bool, kept: u64) -> Result<http::Response<ureq::Body>, TransferError> {
        let request = self.request;
        let mut head = http::Request::builder().method(request.method.as_str()).uri(url.as_str());
        for (name, value) in &request.headers {
            head = head.header(*name, *value);
        }
        let credentials = request.credentials.or(self.first.credentials());
        if let Some(secret) = credentials.filter(|_| own).and_then(|ours| ours.value_for(url.origin())) {
            let value = HeaderValue::from_str(secret.reveal());
            head = head.header("authorization", value.map_err(|_| unusable("***"))?);
        }
        if kept > 0 {
            head = head.header("range", format!("bytes={kept}-"));
        }
        match request.body {
            Body::Nothing if request.method.reads() || request.method == Method::Delete => self.run(head, ()),
            Body::Nothing => self.run(head, &[][..]),
            Body::Bytes(bytes) => self.run(head, bytes),
            Body::Form(fields) => {
                self.run(head.header("content-type", "application/x-www-form-urlencoded"), form(fields))
            }
            Body::File { path, from, length } => {
                let mut part = Part::open(path, from, length)?;
                self.run(head.header("content-length", length), SendBody::from_reader(&mut part))
            }
        }
    }

    fn run(
        &self,
        head: http::request::Builder,
        body: impl AsSendBody,
    ) -> Result<http::Response<ureq::Body>, TransferError> {
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        let idle = Some(self.patience.idle);
        let request = agent()
            .configure_request(head.body(body).map_err(|error| unusable(&error.to_string()))?)
            .timeout_global(left)
            .timeout_connect(Some(self.patience.connect))
            .timeout_recv_response(idle)
            .timeout_per_read(idle)
            .timeout_per_write(idle)
            .build();
        memo::spoil();
        allowance::begin(0);
        agent().run(request).map_err(|error| TransferError::from_ureq(error, &self.patience))
    }
}

fn unusable(value: &str) -> TransferError {
    TransferError::Unusable { what: "header of a request", value: value.to_owned() }
}
