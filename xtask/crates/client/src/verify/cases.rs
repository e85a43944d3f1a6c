//! What is asked of a backend, case by case. A case that does not concern it says why.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tonic::{Code, Status};

use super::{Trial, memory};
use crate::connection::TOKEN;
use crate::error::{expect, told};
use crate::proto::{HealthMessage, ModelOptions, PredictOptions};
use crate::task::{Ending, Model, Place, Task, cosine, embed, prepare, store};
use crate::{Backend, Client, Error, Launch, Result};

/// What concerns one process from its start to its end, in order.
pub(super) const LASTING: &[&str] = &[
    "refuses a bad model",
    "loads a model",
    "answers",
    "streams",
    "goes on after callers left",
    "answers callers at once",
    "refuses a stale identity",
    "keeps its memory",
    "frees and stops",
];

type Decided = Result<Option<&'static str>>;

const TOKENS: i32 = 8;
const CALLERS: usize = 8;
/// Calls after which a backend has what it keeps, and calls that must add nothing.
const WARMING: usize = 50;
const CALLS: usize = 200;
/// Allocators grow in steps; a leak of a small buffer in each call is more.
const GROWTH: u64 = 16 << 20;
/// LocalAI's backends look for their parent every two seconds.
const ORPHANED: Duration = Duration::from_secs(10);

pub(super) async fn bad_model(backend: &mut Backend, task: Task, place: &Place) -> Decided {
    if task == Task::Health {
        return Ok(Some("nobody says what it loads"));
    }
    if task != Task::Store && backend.client().ready_without_model().await? {
        return Ok(Some("it needs no model"));
    }
    let scratch = place.scratch()?;
    let file = scratch.path().join("bad.gguf");
    let fail = |error| Error::Model { path: file.clone(), error };
    std::fs::write(&file, "This is no model.\n").map_err(fail)?;
    let request = ModelOptions {
        model: "bad.gguf".into(),
        // A store has no file, and knows its own names.
        model_file: if task == Task::Store { String::new() } else { place.seen(&file).display().to_string() },
        ..options()
    };
    let answer = backend.client().backend.load_model(request).await;
    expect(answer.is_err() || answer.is_ok_and(|answer| !answer.get_ref().success), || {
        "it loaded a file with a line of English as a model".into()
    })?;
    let health = backend.client().backend.health(HealthMessage {}).await;
    health.map_err(Error::call("asking for its health after a bad model"))?;
    Ok(None)
}

/// As LocalAI fills them where a model's own file says nothing.
fn options() -> ModelOptions {
    ModelOptions {
        context_size: 4096,
        n_batch: 512,
        ngpu_layers: 99_999_999,
        m_map: true,
        ..ModelOptions::default()
    }
}

/// The model that the other cases use; it must live as long as they run.
pub(super) async fn load(client: &mut Client, trial: &Trial) -> Result<Option<Model>> {
    match trial.task {
        Task::Health => Ok(None),
        Task::Store => {
            let request = ModelOptions { model: "store://verified".into(), ..ModelOptions::default() };
            let answer = client.backend.load_model(request).await.map_err(Error::call("opening a store"))?;
            let answer = answer.into_inner();
            expect(answer.success, || format!("it did not open a store: {}", answer.message))?;
            Ok(None)
        }
        Task::Generate | Task::Embed => {
            let options = ModelOptions { embeddings: trial.task == Task::Embed, ..options() };
            prepare(client, trial.model.as_deref(), &options, &Place::of(&trial.launch)).await.map(Some)
        }
    }
}

pub(super) async fn answer(backend: &mut Backend, task: Task) -> Decided {
    match task {
        Task::Health => return Ok(Some("nobody says what it is asked")),
        Task::Store => drop(store::demo(backend.client()).await?),
        Task::Embed => embedding(backend.client()).await?,
        Task::Generate => {
            let answer = backend.client().backend.predict(request(TOKENS)).await;
            let answer = answer.map_err(Error::call("predicting"))?;
            let (ended, answer) = (Ending::of(answer.metadata()), answer.into_inner());
            expect(!answer.message.is_empty(), || "the answer is empty".into())?;
            counted(answer.tokens, answer.prompt_tokens, &ended, "at once")?;
        }
    }
    Ok(None)
}

pub(super) async fn stream(backend: &mut Backend, task: Task) -> Decided {
    if task != Task::Generate {
        return Ok(Some("it does not stream"));
    }
    let client = backend.client();
    let whole =
        client.backend.predict(request(TOKENS)).await.map_err(Error::call("predicting"))?.into_inner();
    let text = String::from_utf8_lossy(&whole.message);
    let pieces = crate::task::stream(client, request(TOKENS), |_| Ok(())).await?;
    expect(text == pieces.text, || {
        format!("without sampling, `{text}` at once became `{}` in pieces", pieces.text)
    })?;
    counted(pieces.tokens, pieces.prompt_tokens, &pieces.ending, "in pieces")?;
    Ok(None)
}

/// Without sampling, so that it can be compared.
fn request(tokens: i32) -> PredictOptions {
    PredictOptions {
        prompt: "the rain in".into(),
        tokens,
        temperature: 0.0,
        ignore_eos: true,
        ..PredictOptions::default()
    }
}

/// LocalAI says `length` where as many tokens came as were asked for, so the count has to be exact.
fn counted(tokens: i32, prompt: i32, ending: &Ending, how: &str) -> Result<()> {
    expect(tokens == TOKENS && prompt > 0, || {
        format!("{TOKENS} tokens were asked for {how}; it counts {tokens} after a prompt of {prompt}")
    })?;
    expect(ending.reason.as_deref().is_none_or(|reason| reason == "length"), || {
        format!("an answer that was cut {how} should end with `length`, but ended with {:?}", ending.reason)
    })
}

/// Vectors of length 1, the same for the same text and nearer for the same than for another.
async fn embedding(client: &mut Client) -> Result<()> {
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

/// Callers that leave, as many as come at once, and one that stays.
pub(super) async fn leave(backend: &mut Backend, task: Task) -> Decided {
    let mut leaving = JoinSet::new();
    for _ in 0..CALLERS {
        let mut client = backend.client().clone();
        leaving.spawn(async move {
            if task == Task::Generate {
                let leave = |_: &str| Err(io::ErrorKind::Interrupted.into());
                match crate::task::stream(&mut client, request(0), leave).await {
                    Err(Error::Output(_)) | Ok(_) => Ok(()),
                    Err(error) => Err(error),
                }
            } else {
                // The request is on its way when the first turn is over.
                tokio::select! {
                    biased;
                    asked = ask(&mut client, task) => asked,
                    () = tokio::task::yield_now() => Ok(()),
                }
            }
        });
    }
    while let Some(left) = leaving.join_next().await {
        finished(left)?;
    }
    ask(backend.client(), task).await?;
    Ok(None)
}

pub(super) async fn parallel(backend: &mut Backend, task: Task) -> Decided {
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let mut client = backend.client().clone();
        callers.spawn(async move { ask(&mut client, task).await });
    }
    while let Some(asked) = callers.join_next().await {
        finished(asked)?;
    }
    Ok(None)
}

/// A panic of a caller is told as a broken answer.
fn finished<T>(outcome: std::result::Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    outcome.unwrap_or_else(|error| Err(Error::Broken(error.to_string())))
}

/// The shortest call that the backend is for.
async fn ask(client: &mut Client, task: Task) -> Result<()> {
    match task {
        Task::Health => {
            client.backend.health(HealthMessage {}).await.map(drop).map_err(Error::call("asking"))
        }
        Task::Store => store::keep(client).await,
        Task::Embed => embed(client, &["the rain".to_owned()]).await.map(drop),
        Task::Generate => {
            let answer = client.backend.predict(request(TOKENS)).await.map_err(Error::call("predicting"))?;
            expect(!answer.get_ref().message.is_empty(), || "an answer is empty".into())
        }
    }
}

/// LocalAI names the model that it means, for it may hold the address of a process that was replaced.
pub(super) async fn identity(backend: &mut Backend, task: Task) -> Decided {
    let stale = PredictOptions { model_identity: "another".into(), ..request(1) };
    // Whoever loaded nothing has no name to hold against the request's.
    let is_nameless = task == Task::Embed && backend.client().ready_without_model().await?;
    let client = &mut backend.client().backend;
    if is_nameless {
        let named = ModelOptions { model: "this".into(), ..ModelOptions::default() };
        let loaded = client.load_model(named).await;
        loaded.map_err(|status| Error::Broken(format!("it refused a name with {}", told(&status))))?;
    }
    let answer = match task {
        Task::Health | Task::Store => return Ok(Some("its calls name no model")),
        Task::Embed => {
            client.embedding(PredictOptions { embeddings: "the rain".into(), ..stale }).await.map(drop)
        }
        Task::Generate => client.predict(stale).await.map(drop),
    };
    refused(answer, Code::FailedPrecondition, "a request for another model")
}

fn refused(answer: std::result::Result<(), Status>, with: Code, what: &str) -> Decided {
    match answer {
        Err(status) if status.code() == with => Ok(None),
        Err(status) => {
            Err(Error::Broken(format!("it refused {what} with {}, expected {with:?}", told(&status))))
        }
        Ok(()) => Err(Error::Broken(format!("it answered {what}"))),
    }
}

pub(super) async fn memory(backend: &mut Backend, task: Task) -> Decided {
    let resident = |backend: &Backend| backend.group().and_then(memory::resident);
    for _ in 0..WARMING {
        ask(backend.client(), task).await?;
    }
    let Some(before) = resident(backend) else { return Ok(Some("this system does not tell")) };
    for _ in 0..CALLS {
        ask(backend.client(), task).await?;
    }
    let after = resident(backend).unwrap_or(before);
    let grown = after.saturating_sub(before);
    expect(grown <= GROWTH, || {
        let mib = |bytes| bytes >> 20;
        let (grown, limit, before) = (mib(grown), mib(GROWTH), mib(before));
        format!("{CALLS} calls added {grown} MiB to {before} MiB; expected at most {limit}")
    })?;
    Ok(None)
}

/// LocalAI frees, which a backend need not know, and then ends the process.
pub(super) async fn free_and_stop(backend: &mut Backend) -> Decided {
    match backend.client().backend.free(HealthMessage {}).await {
        Err(status) if status.code() != Code::Unimplemented => {
            return Err(Error::call("freeing the model")(status));
        }
        _ => {}
    }
    let stopped = backend.stop().await?;
    expect(stopped.is_none_or(|stopped| stopped.is_clean()), || {
        stopped.map(|stopped| stopped.to_string()).unwrap_or_default()
    })?;
    Ok(None)
}

/// LocalAI's watchdog ends a backend that has been busy for too long, in the middle of its answer.
pub(super) async fn stop_while_busy(trial: &Trial) -> Decided {
    if trial.task != Task::Generate {
        return Ok(Some("its calls are short"));
    }
    let mut backend = Backend::start(&trial.launch).await?;
    let _model = load(backend.client(), trial).await?;
    let (begun, has_begun) = oneshot::channel();
    let mut client = backend.client().clone();
    let answering = tokio::spawn(async move {
        let mut begun = Some(begun);
        let tell = |_: &str| {
            // Nobody listens any more when the case was given up.
            begun.take().map(|begun| begun.send(()));
            Ok(())
        };
        // However it ends: that is what the case is about.
        drop(crate::task::stream(&mut client, request(0), tell).await);
    });
    // An error means that it has ended already.
    let _ = has_begun.await;
    let stopped = backend.stop().await?;
    let _ = answering.await;
    expect(stopped.is_none_or(|stopped| !stopped.killed), || {
        "it went on with its answer after SIGTERM and had to be killed".into()
    })?;
    Ok(None)
}

pub(super) async fn token(trial: &Trial) -> Decided {
    let mut launch = trial.launch.clone();
    launch.environment.retain(|(name, _)| name != TOKEN);
    launch.environment.push((TOKEN.to_owned(), "a secret".to_owned()));
    let backend = Backend::start(&launch).await?;
    for (token, what) in
        [(None, "a caller without the token"), (Some("a guess"), "a caller with another token")]
    {
        let mut stranger = Client::new(backend.address(), &launch.contract, token)?;
        let answer = stranger.backend.health(HealthMessage {}).await.map(drop);
        refused(answer, Code::Unauthenticated, what)?;
    }
    Ok(None)
}

pub(super) async fn parent(trial: &Trial) -> Decided {
    let launch = Launch { parent: Some(trial.program.clone()), ..trial.launch.clone() };
    let mut backend = Backend::start(&launch).await?;
    backend.kill_parent().await;
    let address: Option<SocketAddr> = backend.address().parse().ok();
    let until = Instant::now() + ORPHANED;
    while let Some(address) = address
        && TcpStream::connect(address).await.is_ok()
    {
        expect(Instant::now() < until, || format!("it still listens {ORPHANED:?} after its parent's death"))?;
        sleep(Duration::from_millis(50)).await;
    }
    Ok(None)
}
