//! A git repository that has the pinned commit or tag.

use super::{Job, Proof};
use crate::error::MirrorError;
use crate::git::{Repository, export};
use camino::Utf8Path;
use model::source::Upstream;

pub(super) fn populate(job: &Job<'_>, url: &str, tree: &Utf8Path) -> Result<Proof, MirrorError> {
    let url = self::url(job, url);
    let dir = job.dir.join("git").join(format!("{}.git", job.pin.name));
    let repository = Repository::open(dir, *job.transfer, job.offline)?;
    let (commit, proof) = match &job.pin.upstream {
        Upstream::Git { commit, .. } => (commit.clone(), Proof::Upstream),
        Upstream::GitTag { tag, url: published, .. } => {
            let proof = if *published == url { Proof::Upstream } else { Proof::Itself };
            (repository.tagged(&url, tag)?, proof)
        }
        Upstream::Archive { .. } | Upstream::Crate { .. } => {
            let what = "a git mirror needs a pin whose upstream is a commit or tag";
            return Err(MirrorError::Unusable(what.to_owned()));
        }
    };
    repository.fetch(&url, &commit)?;
    export(&repository, &url, &commit, tree, job.exclude, job.pin.submodules)?;
    Ok(proof)
}

/// A relative path starts at the repository's root; all else is a URL as it stands.
pub(crate) fn url(job: &Job<'_>, url: &str) -> String {
    let is_relative_path = !url.contains(':') && !url.starts_with('/');
    if is_relative_path { job.repo_root.join(url).into_string() } else { url.to_owned() }
}
