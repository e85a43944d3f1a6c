//! `run`: asks one backend one thing and shows the answer.

use std::io::{self, Write};

use client::proto::PredictOptions;
use client::task::{Answer, Model, Task, cosine, demo, embed, stream};
use client::{Backend, Error};
use serde_json::{Value, json};

use crate::Failure;
use crate::ask::ready;
use crate::chat::chat;
use crate::cli::{Generate, Run};
use crate::session::{Source, session};
use crate::show;

/// Tokens that the penalty for repetition looks at.
const LOOK_BACK: i32 = 64;

pub(crate) async fn run(mut options: Run) -> Result<(), Failure> {
    let task = options.task(options.package.as_deref());
    let source = match (options.package.take(), options.addr.take()) {
        (Some(package), _) => Source::Package(options.start.launch(package)),
        (None, address) => Source::Address {
            address: address.unwrap_or_default(),
            contract: options.start.service.contract(),
            wait: options.start.wait,
        },
    };
    let stopped = session(source, async |backend: &mut Backend| match task {
        Task::Generate if options.generate.chat => chat(backend, &options).await,
        Task::Generate => generate(backend, &options).await,
        Task::Embed => embeddings(backend, &options).await,
        Task::Store => store(backend, options.json).await,
        Task::Health => health(backend, options.json),
    })
    .await?;
    if let Some(stopped) = stopped.filter(|stopped| !stopped.is_clean()) {
        eprintln!("warning: {stopped}");
    }
    Ok(())
}

async fn generate(backend: &mut Backend, options: &Run) -> Result<(), Error> {
    let model = ready(backend, &options.load).await?;
    let quiet = options.json;
    let (mut out, mut wrote) = (io::stdout(), false);
    let request = PredictOptions { prompt: options.generate.prompt.clone(), ..request(&options.generate) };
    let answer = stream(backend.client(), request, |piece| {
        if quiet {
            return Ok(());
        }
        wrote = true;
        out.write_all(piece.as_bytes()).and_then(|()| out.flush())
    })
    .await;
    if wrote {
        line("")?;
    }
    let answer = answer?;
    if !options.json {
        eprintln!("{}", show::timing(&answer));
        return Ok(());
    }
    line(&told(&answer, &model))
}

/// An answer as JSON.
pub(crate) fn told(answer: &Answer, model: &Model) -> Value {
    json!({
        "text": answer.text,
        "finish_reason": answer.ending.reason,
        "stop_word": answer.ending.stop_word,
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.tokens,
        "seed": answer.ending.seed,
        "model": model.info.description,
        "load_ms": model.load_ms,
        "first_text_ms": answer.first_text.map(|time| time.as_secs_f64() * 1e3),
        "total_ms": answer.total.as_secs_f64() * 1e3,
        "tokens_per_second": answer.tokens_per_second(),
    })
}

/// How the answer is made, without what it is an answer to.
pub(crate) fn request(options: &Generate) -> PredictOptions {
    PredictOptions {
        tokens: i32::try_from(options.max_tokens).unwrap_or(i32::MAX),
        stop_prompts: options.stop.clone(),
        grammar: options.grammar.clone().unwrap_or_default(),
        temperature: options.temperature,
        top_k: i32::try_from(options.top_k).unwrap_or(i32::MAX),
        top_p: options.top_p,
        min_p: options.min_p,
        penalty: options.repeat_penalty,
        repeat: LOOK_BACK,
        // Its bits: the contract has signed ones. -1 is for a random one.
        seed: options.seed.map_or(-1, u32::cast_signed),
        ..Default::default()
    }
}

async fn embeddings(backend: &mut Backend, options: &Run) -> Result<(), Error> {
    let _model = ready(backend, &options.load).await?;
    let inputs =
        if options.embed.is_empty() { vec![options.generate.prompt.clone()] } else { options.embed.clone() };
    let vectors = embed(backend.client(), &inputs).await?;
    if options.json {
        return line(&json!({ "inputs": inputs, "embeddings": vectors }));
    }
    for (text, vector) in inputs.iter().zip(&vectors) {
        line(&format!("{text}: {}", show::vector(vector)))?;
    }
    for (text, vector) in inputs.iter().zip(&vectors).skip(1) {
        line(&format!("cosine of `{}` and `{text}`: {:.4}", inputs[0], cosine(&vectors[0], vector)))?;
    }
    Ok(())
}

async fn store(backend: &mut Backend, json: bool) -> Result<(), Error> {
    let found = demo(backend.client()).await?;
    if json {
        return line(&json!({ "found": found }));
    }
    line("stored red, orange, green and blue; nearest to (1.0, 0.4, 0.0):")?;
    found.iter().try_for_each(|found| line(&format!("  {} {:.4}", found.value, found.similarity)))
}

fn health(backend: &Backend, json: bool) -> Result<(), Error> {
    if json {
        let known = backend.known();
        return line(
            &json!({ "backend": known.backend, "version": known.version, "address": backend.address() }),
        );
    }
    line(&format!("{} is healthy", show::identity(backend)))
}

pub(crate) fn line(text: &(impl std::fmt::Display + ?Sized)) -> Result<(), Error> {
    writeln!(io::stdout(), "{text}").map_err(Error::Output)
}
