//! Smoke tests: does this backend keep the contract where it matters most?

use std::io;

use crate::error::expect;
use crate::proto::PredictOptions;
use crate::task::{Ending, cosine, embed, store, stream};
use crate::{Client, Error, Result};

const TOKENS: i32 = 8;

/// A loaded model generates text: the same at once and in pieces, counted, and again after a caller left.
pub async fn generate(client: &mut Client) -> Result<()> {
    let request = PredictOptions {
        prompt: "the rain in".into(),
        tokens: TOKENS,
        temperature: 0.0,
        ignore_eos: true,
        ..Default::default()
    };
    let whole = client.backend.predict(request.clone()).await.map_err(Error::call("predicting"))?;
    let (ended, whole) = (Ending::of(whole.metadata()), whole.into_inner());
    let text = String::from_utf8_lossy(&whole.message);
    let streamed = stream(client, request.clone(), |_| Ok(())).await?;
    expect(!text.is_empty(), || "the answer is empty".into())?;
    expect(text == streamed.text, || {
        format!("without sampling, `{text}` at once became `{}` in pieces", streamed.text)
    })?;
    for (tokens, prompt, ending, how) in [
        (whole.tokens, whole.prompt_tokens, ended, "at once"),
        (streamed.tokens, streamed.prompt_tokens, streamed.ending, "in pieces"),
    ] {
        expect(tokens == TOKENS && prompt > 0, || {
            format!("{TOKENS} tokens were asked for {how}; it counts {tokens} after a prompt of {prompt}")
        })?;
        expect(ending.reason.as_deref().is_none_or(|reason| reason == "length"), || {
            format!(
                "an answer that was cut {how} should end with `length`, but ended with {:?}",
                ending.reason
            )
        })?;
    }
    leave(client, PredictOptions { tokens: 0, ..request.clone() }).await?;
    let again = client.backend.predict(request).await;
    let again = again.map_err(Error::call("predicting after a cancelled call"))?.into_inner().message;
    expect(!again.is_empty(), || "the answer after a cancelled call is empty".into())
}

/// Goes away after the first piece.
async fn leave(client: &mut Client, request: PredictOptions) -> Result<()> {
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
