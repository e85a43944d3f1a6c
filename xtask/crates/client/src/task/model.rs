//! The model that a task runs on: the caller's, the backend's own, or a tiny one that goes away with it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use tonic::{Code, Status};

use crate::proto::status_response::State;
use crate::proto::{ModelInfo, ModelOptions};
use crate::{Client, Error, Launch, Result, gguf};

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
    _scratch: Option<tempfile::TempDir>,
}

/// Where models lie for a backend.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The directory that is the backend's root, where that is not this program's.
    root: Option<PathBuf>,
}

impl Place {
    /// For a backend that is started so.
    pub fn of(launch: &Launch) -> Self {
        Self { root: launch.root().map(Path::to_owned) }
    }

    /// A directory that the backend sees as well.
    pub(crate) fn scratch(&self) -> Result<tempfile::TempDir> {
        let below = self.root.as_ref().map_or_else(std::env::temp_dir, |root| root.join("tmp"));
        let made = tempfile::Builder::new().prefix("tiny-model-").tempdir_in(&below);
        made.map_err(|error| Error::Model { path: below, error })
    }

    /// A path as the backend has it.
    pub(crate) fn seen(&self, path: &Path) -> PathBuf {
        let inside = self.root.as_ref().and_then(|root| path.strip_prefix(root).ok());
        inside.map_or_else(|| path.to_owned(), |inside| Path::new("/").join(inside))
    }

    /// A model where the backend sees it, and what must live as long as that.
    fn bring(&self, model: &Path) -> Result<(PathBuf, Option<tempfile::TempDir>)> {
        let fail = |error| Error::Model { path: model.to_owned(), error };
        // A backend runs in another directory.
        let model = model.canonicalize().map_err(fail)?;
        if self.root.is_none() {
            return Ok((model, None));
        }
        let scratch = self.scratch()?;
        let inside = scratch.path().join(model.file_name().unwrap_or_default());
        if model.is_dir() {
            crate::install::copy(&model, &inside).map_err(fail)?;
        } else {
            std::fs::copy(&model, &inside).map_err(fail)?;
        }
        Ok((inside, Some(scratch)))
    }
}

/// Loads the caller's model, or finds out what the backend can do without. `how` tells all but the path.
pub async fn prepare(
    client: &mut Client,
    path: Option<&Path>,
    how: &ModelOptions,
    place: &Place,
) -> Result<Model> {
    if let Some(path) = path {
        let (path, scratch) = place.bring(path)?;
        return load(client, how, Origin::Given, &place.seen(&path), scratch).await;
    }
    if let Some(inspected) = client.inspect().await?
        && inspected.state() == State::Ready
    {
        let info = inspected.model.unwrap_or_default();
        // One that needs none is ready from the start.
        let origin = if info.identity.is_empty() { Origin::None } else { Origin::Running };
        return Ok(Model { origin, info, load_ms: 0.0, _scratch: None });
    }
    match load(client, how, Origin::Packaged, Path::new(""), None).await {
        Err(Error::Call { status, .. }) => match status.code() {
            // The last is what a refusal without a status becomes.
            Code::NotFound | Code::InvalidArgument | Code::FailedPrecondition | Code::Unknown => {
                tiny(client, how, place).await
            }
            Code::Unimplemented => {
                Ok(Model { origin: Origin::None, info: ModelInfo::default(), load_ms: 0.0, _scratch: None })
            }
            _ => Err(Error::call("loading the backend's own model")(*status)),
        },
        other => other,
    }
}

async fn tiny(client: &mut Client, how: &ModelOptions, place: &Place) -> Result<Model> {
    let scratch = place.scratch()?;
    let path = scratch.path().join("tiny.gguf");
    gguf::write_tiny(&path, gguf::Tiny::Model, gguf::DEFAULT_SEED)?;
    // Threads would wait for each other longer than they compute.
    let threads = if how.threads == 0 { 1 } else { how.threads };
    let how = ModelOptions { threads, ..how.clone() };
    load(client, &how, Origin::Tiny, &place.seen(&path), Some(scratch)).await
}

async fn load(
    client: &mut Client,
    how: &ModelOptions,
    origin: Origin,
    path: &Path,
    scratch: Option<tempfile::TempDir>,
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
    Ok(Model { origin, info, load_ms, _scratch: scratch })
}
