//! The model that a task needs: the caller's, else the tiny one where the backend wants any.

use std::path::Path;

use client::proto::LoadModelResponse;
use client::task::{Model, embed, load};
use client::{Backend, Error};
use tonic::Code;

/// Loads the caller's model, or the tiny one. The model must live as long as it is used.
pub(crate) async fn with_model(
    backend: &mut Backend,
    path: Option<&Path>,
) -> Result<(Model, LoadModelResponse), Error> {
    let model = match path {
        Some(path) => Model::given(path)?,
        None => Model::tiny()?,
    };
    if model.is_tiny() {
        eprintln!("no --model: made a tiny one with random weights; its words are noise");
    }
    let loaded = load(backend.client(), &model).await?;
    Ok((model, loaded))
}

/// Loads what embedding needs. A backend that carries its own model is left to use that one.
pub(crate) async fn ready_to_embed(
    backend: &mut Backend,
    path: Option<&Path>,
) -> Result<Option<Model>, Error> {
    if path.is_none() {
        match embed(backend.client(), &["a".to_owned()]).await {
            Err(Error::Call { status, .. }) if status.code() == Code::FailedPrecondition => {}
            other => return other.map(|_| None),
        }
    }
    with_model(backend, path).await.map(|(model, _)| Some(model))
}
