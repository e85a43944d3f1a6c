//! The model that a task runs on: the caller's, or the tiny one in a directory that goes away with it.

use std::path::{Path, PathBuf};

use crate::proto::{LoadModelRequest, LoadModelResponse};
use crate::{Client, Error, Result, gguf};

/// A model on this machine's disk.
#[derive(Debug)]
pub struct Model {
    path: PathBuf,
    made: Option<tempfile::TempDir>,
}

impl Model {
    /// The caller's model; its path is made absolute, because a backend may run in another directory.
    pub fn given(path: &Path) -> Result<Self> {
        let fail = |source| Error::Model { path: path.to_path_buf(), source };
        Ok(Self { path: path.canonicalize().map_err(fail)?, made: None })
    }

    /// A tiny model with random weights.
    pub fn tiny() -> Result<Self> {
        let fail = |source| Error::Model { path: std::env::temp_dir(), source };
        let dir = tempfile::Builder::new().prefix("tiny-model-").tempdir().map_err(fail)?;
        let path = dir.path().join("tiny.gguf");
        gguf::write_tiny(&path, gguf::DEFAULT_SEED)?;
        Ok(Self { path, made: Some(dir) })
    }

    /// Whether its words are noise.
    pub fn is_tiny(&self) -> bool {
        self.made.is_some()
    }
}

/// Loads the model into the backend.
pub async fn load(client: &mut Client, model: &Model) -> Result<LoadModelResponse> {
    let path = model.path.display().to_string();
    let request = LoadModelRequest { model: path.clone(), ..Default::default() };
    let answer = client.load_model(request).await.map_err(Error::call(format!("loading {path}")))?;
    Ok(answer.into_inner())
}
