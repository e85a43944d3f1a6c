//! The kinds of use.

use std::path::Path;

use clap::ValueEnum;
use serde::Deserialize;

/// What a backend is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Task {
    /// Stream text that follows a prompt
    Generate,
    /// Turn texts into vectors
    Embed,
    /// Store vectors and find the nearest
    Store,
    /// Only start, and ask whether it is healthy
    Health,
}

impl Task {
    /// What a package of ours says that it serves; none where another's says nothing.
    pub fn of_package(package: &Path) -> Option<Self> {
        #[derive(Deserialize)]
        struct Manifest {
            calls: Vec<String>,
        }
        let text = std::fs::read(package.join("package.json")).ok()?;
        let Manifest { calls } = serde_json::from_slice(&text).ok()?;
        let tasks = [("Predict", Self::Generate), ("Embedding", Self::Embed), ("StoresFind", Self::Store)];
        tasks.into_iter().find(|(call, _)| calls.iter().any(|served| served == call)).map(|(_, task)| task)
    }
}
