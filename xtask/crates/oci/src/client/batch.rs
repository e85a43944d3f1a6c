//! Many small requests to one registry at once, with the same patience as one.

use crate::client::{Call, Client, is_others_refusal, permitted, settled};
use crate::error::RegistryError;
use std::time::{Duration, Instant};
use transfer::{Response, send_all};

/// Bytes of all answers together.
const MEMORY: u64 = 512 << 20;
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
        // One request alone learns what the registry wants to see, and whether it is there at all.
        if let (Some(url), Some(slot)) = (urls.first(), answers.first_mut())
            && self.hosts.challenge(&call.access).is_none()
        {
            *slot = Some(self.call(&Call { url: url.clone(), ..call.clone() })?);
        }
        let mut renewed = false;
        loop {
            let open: Vec<usize> = (0..answers.len()).filter(|at| answers[*at].is_none()).collect();
            if open.is_empty() {
                return Ok(());
            }
            let authorization = self.authorization(&call.doing, &call.access)?;
            let request = |at: &usize| self.request(call, &urls[*at], authorization.as_ref());
            let requests: Vec<_> = open.iter().map(request).collect();
            let limit = until.saturating_duration_since(Instant::now());
            let (responses, error) = send_all(&requests, self.settings.parallel, limit, MEMORY);
            let (mut refused, mut failed) = (None, error.map(Err));
            for (at, response) in open.into_iter().zip(responses) {
                match response {
                    Some(response)
                        if matches!(response.status, 401 | 403) || is_others_refusal(call, &response) =>
                    {
                        refused = Some(response);
                    }
                    Some(response) if response.may_pass() => failed = failed.or(Some(Ok(response))),
                    response => answers[at] = response,
                }
            }
            if let Some(response) = refused {
                // Tokens run out in the middle.
                if response.status == 401 && !renewed && self.learn(call, &response) {
                    renewed = true;
                    continue;
                }
                permitted(call, response)?;
            }
            if let Some(failed) = failed {
                return settled(host, &call.doing, failed).map(drop);
            }
        }
    }
}
