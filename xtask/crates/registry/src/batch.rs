//! Many small requests to one registry at once, with the same patience as one.

use crate::client::{Call, Client, may_pass, unreachable};
use crate::error::RegistryError;
use crate::refusal;
use crate::retry;
use curl::{Batch, Method, Response};
use std::time::{Duration, Instant};

/// Up to here the settings alone bound the time.
const BULK: Duration = Duration::from_mins(2);

impl Client {
    /// Asks every URL as `call` asks its own, in parallel; answers are in the order of the URLs.
    ///
    /// The whole takes at most [`crate::Settings::batch`]. Only what was not answered is asked again.
    pub(crate) fn many(&self, call: &Call<'_>, urls: &[String]) -> Result<Vec<Response>, RegistryError> {
        let mut answers = vec![None; urls.len()];
        self.fill(call, urls, &mut answers)?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// The same, into one place for each URL. What was answered before an error stays there.
    pub(crate) fn fill(
        &self,
        call: &Call<'_>,
        urls: &[String],
        answers: &mut [Option<Response>],
    ) -> Result<(), RegistryError> {
        let host = call.access.repository().host();
        // What makes hundreds of requests quick makes tens of thousands of them possible.
        let each = Duration::from_millis(100).saturating_mul(u32::try_from(urls.len()).unwrap_or(u32::MAX));
        let until = Instant::now() + self.settings.batch.max(each.saturating_sub(BULK));
        let mut parallel = self.settings.parallel;
        let (mut tried, mut renewed) = (0, false);
        // One request alone learns what the registry wants to see, and whether it is there at all.
        if let (Some(url), Some(slot)) = (urls.first(), answers.first_mut())
            && self.hosts.challenge(&call.access).is_none()
        {
            *slot = Some(self.call(&Call { url: url.clone(), ..call.clone() })?);
        }
        loop {
            let open: Vec<usize> =
                answers.iter().enumerate().filter(|(_, a)| a.is_none()).map(|(at, _)| at).collect();
            if open.is_empty() {
                return Ok(());
            }
            halt::check()?;
            let Some(limit) = until.checked_duration_since(Instant::now()) else {
                return unreachable(host, &call.doing, &format!("{} answers are missing", open.len()));
            };
            let authorization = self.authorization(&call.doing, &call.access)?;
            let wanted: Vec<String> = open.iter().filter_map(|at| urls.get(*at).cloned()).collect();
            let mut headers: Vec<(&str, &str)> =
                call.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            headers.extend(authorization.as_deref().map(|value| ("Authorization", value)));
            let batch = Batch { urls: &wanted, head: call.method == Method::Head, headers, parallel, limit };
            let responses = curl::many(&batch, &self.limits(false, call.max_bytes))?;

            let (mut progress, mut refused, mut failed) = (false, None, None);
            for (at, response) in open.into_iter().zip(responses) {
                match response.status {
                    401 | 403 => refused = Some(response),
                    0 => failed = failed.or(Some(response)),
                    _ if may_pass(&response) => failed = Some(response),
                    _ => {
                        progress = true;
                        if let Some(slot) = answers.get_mut(at) {
                            *slot = Some(response);
                        }
                    }
                }
            }
            if let Some(response) = refused {
                // Tokens run out in the middle.
                if response.status == 401 && !renewed && self.learn(call, &response) {
                    renewed = true;
                    continue;
                }
                let detail = refusal::detail(&response.body);
                return Err(RegistryError::denied(
                    &call.doing,
                    call.access.repository(),
                    response.status,
                    detail,
                ));
            }
            let Some(response) = failed else { continue };
            // Whoever is refused for asking too much asks less at once.
            parallel = if response.status == 429 { (parallel / 2).max(1) } else { parallel };
            tried = if progress { 1 } else { tried + 1 };
            let asked = response.headers.retry_after();
            match self.settings.backoff.wait(tried, asked, retry::chance()) {
                // Whoever has no time left to ask again need not wait for it.
                Some(wait) if Instant::now() + wait < until => halt::pause(wait)?,
                _ => return Err(lost(host, &call.doing, &response)),
            }
        }
    }
}

fn lost(host: &str, doing: &str, response: &Response) -> RegistryError {
    match response.status {
        429 => {
            let after = response.headers.retry_after();
            RegistryError::Busy { host: host.to_owned(), doing: doing.to_owned(), after }
        }
        0 => {
            let reason = response.reason();
            RegistryError::Unreachable { host: host.to_owned(), doing: doing.to_owned(), reason }
        }
        status => {
            let detail = refusal::detail(&response.body);
            RegistryError::Answer { doing: doing.to_owned(), status, detail }
        }
    }
}
