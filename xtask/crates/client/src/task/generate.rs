//! Generates text, piece by piece.

use std::io;
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use tonic::metadata::MetadataMap;

use crate::proto::PredictOptions;
use crate::{Client, Error, Result};

const DOING: &str = "streaming the answer";

/// A whole answer, and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The pieces, joined.
    pub text: String,
    /// What the model thought before it, where the backend tells that apart.
    pub reasoning: String,
    /// How it ended and more, as far as the backend tells.
    pub ending: Ending,
    /// Tokens of the prompt and of the answer, by the backend's own count.
    pub prompt_tokens: i32,
    /// See `prompt_tokens`.
    pub tokens: i32,
    /// From the request to the first text; none when there was none.
    pub first_text: Option<Duration>,
    /// From the request to the end.
    pub total: Duration,
}

/// What backends of ours say behind an answer; nothing where another's answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// `stop`, `stop-word` or `length`.
    pub reason: Option<String>,
    /// The stop word that ended it.
    pub stop_word: Option<String>,
    /// The seed that was used.
    pub seed: Option<u32>,
}

impl Ending {
    /// Reads the trailing metadata of a call.
    pub fn of(trailers: &MetadataMap) -> Self {
        let text = |name| Some(trailers.get(name)?.to_str().ok()?.to_owned());
        Self {
            reason: text("finish-reason"),
            // Metadata is ASCII: whatever else is in the word comes percent-encoded.
            stop_word: text("stop-word")
                .map(|word| percent_decode_str(&word).decode_utf8_lossy().into_owned()),
            seed: text("seed").and_then(|seed| seed.parse().ok()),
        }
    }
}

impl Answer {
    /// Tokens in a second, between the first and the last; none when there were too few to tell.
    pub fn tokens_per_second(&self) -> Option<f64> {
        let more = self.tokens.checked_sub(1).filter(|n| *n > 0)?;
        let seconds = self.total.checked_sub(self.first_text?)?.as_secs_f64();
        (seconds > 0.0).then(|| f64::from(more) / seconds)
    }
}

/// Streams the answer to `request`; `each` gets every piece when it comes. Dropping the future cancels the call.
pub async fn stream(
    client: &mut Client,
    request: PredictOptions,
    mut each: impl FnMut(&str) -> io::Result<()>,
) -> Result<Answer> {
    let begun = Instant::now();
    let mut replies = client.backend.predict_stream(request).await.map_err(Error::call(DOING))?.into_inner();
    let (mut text, mut reasoning, mut first_text) = (String::new(), String::new(), None);
    let (mut prompt_tokens, mut tokens) = (0, 0);
    while let Some(reply) = replies.message().await.map_err(Error::call(DOING))? {
        // Told apart or as it came: what is told apart counts.
        let told_apart = !reply.chat_deltas.is_empty();
        reply.chat_deltas.iter().for_each(|delta| reasoning.push_str(&delta.reasoning_content));
        let piece: String = if told_apart {
            reply.chat_deltas.iter().map(|delta| delta.content.as_str()).collect()
        } else {
            String::from_utf8_lossy(&reply.message).into_owned()
        };
        if !piece.is_empty() {
            first_text.get_or_insert_with(|| begun.elapsed());
            text.push_str(&piece);
            each(&piece).map_err(Error::Output)?;
        }
        // Running totals: the last reply has all.
        (prompt_tokens, tokens) = (reply.prompt_tokens, reply.tokens);
    }
    let trailers = replies.trailers().await.map_err(Error::call(DOING))?.unwrap_or_default();
    let (ending, total) = (Ending::of(&trailers), begun.elapsed());
    Ok(Answer { text, reasoning, ending, prompt_tokens, tokens, first_text, total })
}

#[cfg(test)]
mod tests {
    use super::Ending;
    use tonic::metadata::MetadataMap;

    #[test]
    fn stop_words_are_decoded_and_what_is_missing_is_none() {
        let mut trailers = MetadataMap::new();
        assert_eq!(Ending::of(&trailers), Ending::default());
        for (name, value) in [("finish-reason", "stop-word"), ("stop-word", "a%20b%25%C3%9F"), ("seed", "7")]
        {
            trailers.insert(name, value.parse().unwrap());
        }
        let (reason, stop_word) = (Some("stop-word".to_owned()), Some("a b%ß".to_owned()));
        assert_eq!(Ending::of(&trailers), Ending { reason, stop_word, seed: Some(7) });
    }
}
