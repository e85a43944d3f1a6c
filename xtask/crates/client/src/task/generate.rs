//! Generates text, piece by piece.

use std::io;
use std::time::{Duration, Instant};

use crate::proto::{FinishReason, PredictRequest, Usage};
use crate::{Client, Error, Result};

const DOING: &str = "streaming the answer";

/// A whole answer, and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The pieces, joined.
    pub text: String,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The stop word that ended it, or nothing.
    pub stop_word: String,
    /// The backend's own counts and times.
    pub usage: Usage,
    /// From the request to the first text; none when there was none.
    pub first_text: Option<Duration>,
    /// From the request to the last chunk.
    pub total: Duration,
}

impl Answer {
    /// Tokens in a second, between the first and the last; none when there were too few to tell.
    pub fn tokens_per_second(&self) -> Option<f64> {
        let more = self.usage.completion_tokens.checked_sub(1).filter(|n| *n > 0)?;
        let seconds = self.total.checked_sub(self.first_text?)?.as_secs_f64();
        (seconds > 0.0).then(|| f64::from(more) / seconds)
    }
}

/// Streams the answer to `request`; `each` gets every piece when it comes. Dropping the future cancels the call.
pub async fn stream(
    client: &mut Client,
    request: PredictRequest,
    mut each: impl FnMut(&str) -> io::Result<()>,
) -> Result<Answer> {
    let begun = Instant::now();
    let mut chunks = client.predict_stream(request).await.map_err(Error::call(DOING))?.into_inner();
    let (mut text, mut first_text) = (String::new(), None);
    while let Some(chunk) = chunks.message().await.map_err(Error::call(DOING))? {
        if !chunk.text.is_empty() {
            first_text.get_or_insert_with(|| begun.elapsed());
            text.push_str(&chunk.text);
            each(&chunk.text).map_err(Error::Output)?;
        }
        if !chunk.done {
            continue;
        }
        let finish_reason = chunk.finish_reason();
        let usage = chunk.usage.ok_or_else(|| broken("the last chunk tells no usage"))?;
        if chunks.message().await.map_err(Error::call(DOING))?.is_some() {
            return Err(broken("a chunk came after the last one"));
        }
        let total = begun.elapsed();
        return Ok(Answer { text, finish_reason, stop_word: chunk.stop_word, usage, first_text, total });
    }
    Err(broken("the stream ended without a last chunk (`done`)"))
}

fn broken(what: &str) -> Error {
    Error::Broken(what.to_owned())
}
