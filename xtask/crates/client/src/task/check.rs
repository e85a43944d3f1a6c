//! Smoke tests: does this backend keep the contract where it matters most?

use std::io;

use crate::error::expect;
use crate::proto::predict_request::Input;
use crate::proto::{FinishReason, PredictRequest, SamplingOptions};
use crate::task::{cosine, embed, store, stream};
use crate::{Client, Error, Result};

const TOKENS: u32 = 8;

/// A loaded model generates text: the same at once and in pieces, counted, and again after a caller left.
pub async fn generate(client: &mut Client) -> Result<()> {
    let request = PredictRequest {
        input: Some(Input::Prompt("the rain in".into())),
        max_tokens: Some(TOKENS),
        sampling: Some(SamplingOptions { temperature: Some(0.0), ..Default::default() }),
        ignore_eos: Some(true),
        ..Default::default()
    };
    let whole = client.predict(request.clone()).await.map_err(Error::call("predicting"))?.into_inner();
    let streamed = stream(client, request.clone(), |_| Ok(())).await?;
    expect(!whole.text.is_empty(), || "the answer is empty".into())?;
    expect(whole.text == streamed.text, || {
        format!("without sampling, `{}` at once became `{}` in pieces", whole.text, streamed.text)
    })?;
    let usage = whole.usage.ok_or_else(|| Error::Broken("the answer tells no usage".into()))?;
    for (usage, how) in [(usage, "at once"), (streamed.usage, "in pieces")] {
        expect(usage.completion_tokens == TOKENS && usage.prompt_tokens > 0, || {
            format!(
                "{TOKENS} tokens were asked for {how}; it counts {} after a prompt of {}",
                usage.completion_tokens, usage.prompt_tokens
            )
        })?;
    }
    expect(streamed.finish_reason == FinishReason::Length, || {
        format!("a cut answer should end with LENGTH, but ended with {:?}", streamed.finish_reason)
    })?;
    leave(client, PredictRequest { max_tokens: None, ..request.clone() }).await?;
    let again = client.predict(request).await.map_err(Error::call("predicting after a cancelled call"))?;
    expect(!again.into_inner().text.is_empty(), || "the answer after a cancelled call is empty".into())
}

/// Goes away after the first piece.
async fn leave(client: &mut Client, request: PredictRequest) -> Result<()> {
    match stream(client, request, |_| Err(io::ErrorKind::Interrupted.into())).await {
        Err(Error::Output(_)) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Vectors of length 1, the same for the same text and nearer for the same than for another.
pub async fn embedding(client: &mut Client) -> Result<()> {
    let inputs = ["the rain in spain", "a quick brown fox", "the rain in spain"].map(str::to_owned);
    let vectors = embed(client, &inputs).await?;
    for (text, vector) in inputs.iter().zip(&vectors) {
        let length = vector.iter().map(|n| n * n).sum::<f32>().sqrt();
        expect((length - 1.0).abs() < 1e-3, || format!("`{text}` has a vector of length {length}, not 1"))?;
    }
    let (same, other) = (cosine(&vectors[0], &vectors[2]), cosine(&vectors[0], &vectors[1]));
    expect(same > 0.999, || format!("one text gave two vectors; their cosine is {same}"))?;
    expect(other < same - 1e-4, || format!("two texts gave one vector; their cosine is {other}"))
}

/// A vector store keeps, finds and forgets.
pub async fn vectors(client: &mut Client) -> Result<()> {
    store::demo(client).await.map(drop)
}
