//! The model that a task runs on: the caller's, the backend's own, or a tiny one that goes away with it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use tonic::{Code, Status};

use crate::proto::status_response::State;
use crate::proto::{ModelInfo, ModelOptions};
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
    /// What the backend says of it; little where it is another's.
    pub info: ModelInfo,
    /// How long loading took; 0 for one that was loaded before.
    pub load_ms: f64,
    _tiny: Option<tempfile::TempDir>,
}

/// Loads the caller's model, or finds out what the backend can do without. `how` tells all but the path.
pub async fn prepare(client: &mut Client, path: Option<&Path>, how: &ModelOptions) -> Result<Model> {
    if let Some(path) = path {
        let fail = |error| Error::Model { path: path.to_path_buf(), error };
        // A backend may run in another directory.
        return load(client, how, Origin::Given, &path.canonicalize().map_err(fail)?, None).await;
    }
    if let Some(inspected) = client.inspect().await?
        && inspected.state() == State::Ready
    {
        let info = inspected.model.unwrap_or_default();
        // One that needs none is ready from the start.
        let origin = if info.identity.is_empty() { Origin::None } else { Origin::Running };
        return Ok(Model { origin, info, load_ms: 0.0, _tiny: None });
    }
    match load(client, how, Origin::Packaged, Path::new(""), None).await {
        Err(Error::Call { status, .. }) => match status.code() {
            // The last is what a refusal without a status becomes.
            Code::NotFound | Code::InvalidArgument | Code::FailedPrecondition | Code::Unknown => {
                tiny(client, how).await
            }
            Code::Unimplemented => {
                Ok(Model { origin: Origin::None, info: ModelInfo::default(), load_ms: 0.0, _tiny: None })
            }
            _ => Err(Error::call("loading the backend's own model")(*status)),
        },
        other => other,
    }
}

async fn tiny(client: &mut Client, how: &ModelOptions) -> Result<Model> {
    let fail = |error| Error::Model { path: std::env::temp_dir(), error };
    let dir = tempfile::Builder::new().prefix("tiny-model-").tempdir().map_err(fail)?;
    let path: PathBuf = dir.path().join("tiny.gguf");
    gguf::write_tiny(&path, gguf::DEFAULT_SEED)?;
    // Threads would wait for each other longer than they compute.
    let threads = if how.threads == 0 { 1 } else { how.threads };
    let how = ModelOptions { threads, ..how.clone() };
    load(client, &how, Origin::Tiny, &path, Some(dir)).await
}

async fn load(
    client: &mut Client,
    how: &ModelOptions,
    origin: Origin,
    path: &Path,
    tiny: Option<tempfile::TempDir>,
) -> Result<Model> {
    let identity = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let request =
        ModelOptions { model: identity.clone(), model_file: path.display().to_string(), ..how.clone() };
    let doing = format!("loading {}", path.display());
    let begun = Instant::now();
    let answer = client.backend.load_model(request).await.map_err(Error::call(doing.clone()))?.into_inner();
    let load_ms = begun.elapsed().as_secs_f64() * 1e3;
    if !answer.success {
        return Err(Error::call(doing)(Status::unknown(answer.message)));
    }
    let told = client.inspect().await?.and_then(|inspected| inspected.model);
    let info =
        told.unwrap_or_else(|| ModelInfo { description: identity.clone(), identity, ..ModelInfo::default() });
    Ok(Model { origin, info, load_ms, _tiny: tiny })
}
