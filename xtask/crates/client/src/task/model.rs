//! The model that a task runs on: the caller's, the backend's own, or a tiny one that goes away with it.

use std::path::{Path, PathBuf};

use tonic::Code;

use crate::proto::{LoadModelRequest, ModelInfo, ModelState, StatusRequest};
use crate::{Client, Error, Result, gguf};

/// Where the model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The caller named it.
    Given,
    /// The backend had it loaded already.
    Running,
    /// The package carries it.
    Packaged,
    /// Made on the spot, with random weights: its words are noise.
    Tiny,
    /// The backend knows no models.
    None,
}

/// A model that is ready. It may be used as long as this lives.
#[derive(Debug)]
pub struct Model {
    /// Where it comes from.
    pub origin: Origin,
    /// What the backend says of it.
    pub info: ModelInfo,
    /// How long loading took; 0 for one that was loaded before.
    pub load_ms: f64,
    _tiny: Option<tempfile::TempDir>,
}

/// Loads the caller's model, or finds out what the backend can do without. `how` tells all but the path.
pub async fn prepare(client: &mut Client, path: Option<&Path>, how: &LoadModelRequest) -> Result<Model> {
    if let Some(path) = path {
        let fail = |error| Error::Model { path: path.to_path_buf(), error };
        // A backend may run in another directory.
        return load(client, how, Origin::Given, &path.canonicalize().map_err(fail)?, None).await;
    }
    if let Ok(status) = client.status(StatusRequest {}).await {
        let status = status.into_inner();
        if status.state() == ModelState::Ready {
            return Ok(ready(Origin::Running, status.model, 0.0, None));
        }
    }
    match load(client, how, Origin::Packaged, Path::new(""), None).await {
        Err(Error::Call { status, .. }) => match status.code() {
            Code::NotFound | Code::InvalidArgument | Code::FailedPrecondition => tiny(client, how).await,
            Code::Unimplemented => Ok(ready(Origin::None, None, 0.0, None)),
            _ => Err(Error::call("loading the backend's own model")(*status)),
        },
        other => other,
    }
}

async fn tiny(client: &mut Client, how: &LoadModelRequest) -> Result<Model> {
    let fail = |error| Error::Model { path: std::env::temp_dir(), error };
    let dir = tempfile::Builder::new().prefix("tiny-model-").tempdir().map_err(fail)?;
    let path: PathBuf = dir.path().join("tiny.gguf");
    gguf::write_tiny(&path, gguf::DEFAULT_SEED)?;
    // Threads would wait for each other longer than they compute.
    let how = LoadModelRequest { threads: how.threads.or(Some(1)), ..how.clone() };
    load(client, &how, Origin::Tiny, &path, Some(dir)).await
}

async fn load(
    client: &mut Client,
    how: &LoadModelRequest,
    origin: Origin,
    path: &Path,
    tiny: Option<tempfile::TempDir>,
) -> Result<Model> {
    let request = LoadModelRequest { model: path.display().to_string(), ..how.clone() };
    let doing = format!("loading {}", path.display());
    let answer = client.load_model(request).await.map_err(Error::call(doing))?.into_inner();
    Ok(ready(origin, answer.model, answer.load_ms, tiny))
}

fn ready(origin: Origin, info: Option<ModelInfo>, load_ms: f64, tiny: Option<tempfile::TempDir>) -> Model {
    Model { origin, info: info.unwrap_or_default(), load_ms, _tiny: tiny }
}
