//! The manifests of a revision that is not checked out.

use camino::Utf8Path;
use checkout::{Git, GitError};
use ci::affected::{Content, Kind};
use model::manifest::{self, Files, Manifests, is_manifest};

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Git did not answer.
    #[error(transparent)]
    Git(#[from] GitError),
    /// They are not what the planner that runs understands.
    #[error("{0}")]
    Manifests(manifest::Diagnostics),
}

/// Loads the manifests among the files of a revision.
pub fn load<'a>(
    git: Git<'_>,
    files: impl Iterator<Item = (&'a str, &'a Content)>,
) -> Result<Manifests, Unreadable> {
    let named = files.filter(|(path, content)| {
        is_manifest(Utf8Path::new(path)) && matches!(content.kind, Kind::File { .. })
    });
    let (paths, ids): (Vec<&str>, Vec<&str>) =
        named.filter_map(|(path, content)| Some((path, content.id.as_deref()?))).unzip();
    let texts = git.contents(&ids)?;
    let files: Files = paths
        .into_iter()
        .zip(texts)
        .map(|(path, text)| (path.into(), String::from_utf8_lossy(&text).into_owned()))
        .collect();
    manifest::load(&files).map_err(Unreadable::Manifests)
}
