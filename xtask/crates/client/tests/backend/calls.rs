//! Calls to a backend in the same process.

use std::io;
use std::time::Duration;

use client::proto::{ModelOptions, PredictOptions};
use client::task::{self, Model, Origin, Place};
use client::{Backend, Contract, Error};

use crate::fake::{Fake, Quirk};

const PATIENCE: Duration = Duration::from_mins(1);

/// A backend that is served by a task of this test's runtime, and so ends with it.
async fn backend(fake: Fake) -> Backend {
    let (address, server) = fake.serve();
    tokio::spawn(server);
    Backend::connect(&address.to_string(), &Contract::default(), PATIENCE).await.unwrap()
}

async fn loaded(quirk: Quirk) -> (Backend, Model) {
    let mut backend = backend(Fake::new(quirk)).await;
    let model = task::prepare(backend.client(), None, &how(), &Place::default()).await.unwrap();
    (backend, model)
}

fn how() -> ModelOptions {
    ModelOptions::default()
}

fn request(prompt: &str, tokens: i32) -> PredictOptions {
    PredictOptions { prompt: prompt.into(), tokens, ..Default::default() }
}

#[tokio::test]
async fn an_answer_comes_in_pieces_and_whole() {
    let (mut backend, _model) = loaded(Quirk::None).await;
    let mut pieces = Vec::new();
    let answer = task::stream(backend.client(), request("a b", 3), |piece| {
        pieces.push(piece.to_owned());
        Ok(())
    });
    let answer = answer.await.unwrap();
    assert_eq!(pieces, ["a ", "b ", "a "]);
    assert_eq!(answer.text, "a b a ");
    assert_eq!((answer.prompt_tokens, answer.tokens), (3, 3));
    assert_eq!((answer.ending.reason.as_deref(), answer.ending.seed), (Some("length"), Some(7)));
    assert!(answer.first_text.unwrap() <= answer.total);
}

#[tokio::test]
async fn a_caller_that_leaves_cancels_the_stream() {
    let fake = Fake::new(Quirk::Endless);
    let left = fake.left.clone();
    let mut backend = backend(fake).await;
    let _model = task::prepare(backend.client(), None, &how(), &Place::default()).await.unwrap();

    let seen = tokio::sync::Notify::new();
    let answer = task::stream(backend.client(), request("on and on", 2), |_| {
        seen.notify_one();
        Ok(())
    });
    tokio::select! {
        answer = answer => panic!("an endless stream ended: {answer:?}"),
        () = seen.notified() => {}
    }
    tokio::time::timeout(PATIENCE, left.notified()).await.expect("the backend was not told");
}

#[tokio::test]
async fn an_answer_that_cannot_be_written_ends_the_stream() {
    let (mut backend, _model) = loaded(Quirk::Endless).await;
    let full = |_: &str| Err(io::Error::from(io::ErrorKind::StorageFull));
    let error = task::stream(backend.client(), request("a", 1), full).await.unwrap_err();
    assert!(matches!(error, Error::Output(_)), "{error}");
}

#[tokio::test]
async fn a_backend_of_others_is_driven_by_the_contract_alone() {
    let (mut backend, model) = loaded(Quirk::Plain).await;
    assert_eq!((model.origin, model.info.description.as_str()), (Origin::Tiny, "tiny.gguf"));
    assert_eq!(backend.known(), &client::Known::default());
    let answer = task::stream(backend.client(), request("a b", 3), |_| Ok(())).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.tokens, answer.ending.reason), ("a b a ", 3, None));
    let error = task::prepare(backend.client(), Some("Cargo.toml".as_ref()), &how(), &Place::default())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("this file is no GGUF"), "{error}");
}

#[tokio::test]
async fn a_refusal_says_what_was_done_and_what_to_do() {
    let mut backend = backend(Fake::default()).await;
    let error = task::stream(backend.client(), request("a", 1), |_| Ok(())).await.unwrap_err().to_string();
    assert!(
        error.contains("streaming the answer failed: FailedPrecondition (no model is loaded)"),
        "{error}"
    );
    assert!(error.contains("--model"), "{error}");
}

#[tokio::test]
async fn a_model_that_is_not_there_is_told_before_any_call() {
    let mut backend = backend(Fake::default()).await;
    let error =
        task::prepare(backend.client(), Some("no/such/model.gguf".as_ref()), &how(), &Place::default())
            .await
            .unwrap_err();
    assert!(matches!(error, Error::Model { .. }), "{error}");
    assert!(error.to_string().contains("no/such/model.gguf"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_model_is_refused() {
    let mut backend = backend(Fake::default()).await;
    let error = task::prepare(backend.client(), Some("Cargo.toml".as_ref()), &how(), &Place::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("Cargo.toml failed: InvalidArgument (this file is no GGUF)"), "{error}");
}

#[tokio::test]
async fn without_a_model_the_backend_decides_what_is_used() {
    for (quirk, origin) in
        [(Quirk::None, Origin::Tiny), (Quirk::Packaged, Origin::Packaged), (Quirk::Modelless, Origin::None)]
    {
        let mut backend = backend(Fake::new(quirk)).await;
        let first = task::prepare(backend.client(), None, &how(), &Place::default()).await.unwrap();
        assert_eq!(first.origin, origin);
        let second = task::prepare(backend.client(), None, &how(), &Place::default()).await.unwrap();
        let again = if origin == Origin::None { Origin::None } else { Origin::Running };
        assert_eq!(second.origin, again);
    }
}

#[tokio::test]
async fn a_silent_address_is_given_up() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = Backend::connect(&unused.to_string(), &Contract::default(), Duration::from_millis(300))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, Error::Unhealthy { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn another_protocol_is_told_at_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 mail.example ready\r\n").await;
        }
    });
    let error = Backend::connect(&address, &Contract::default(), PATIENCE).await.err().unwrap();
    assert!(matches!(error, Error::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn an_address_that_is_none_is_told() {
    let error = Backend::connect("not an address", &Contract::default(), PATIENCE).await.err().unwrap();
    assert!(matches!(error, Error::Address { .. }), "{error}");
}
