//! Is what the cache holds sound, and can every mirror still be reached?

use crate::ask;
use crate::error::{FetchError, MirrorError};
use crate::fetcher::Fetcher;
use crate::git::ls_remote;
use crate::lock::lock;
use crate::mirror::{self, Job, Place};
use crate::pypi;
use crate::select::Exclude;
use camino::Utf8PathBuf;
use model::source::{Mirror, Pin, Upstream};
use std::path::PathBuf;
use store::shared::{self, Found};

/// The state of a pin's tree in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cached {
    /// Not fetched yet.
    Absent,
    /// Every file is as it was when it was verified.
    Sound {
        /// Its directory.
        path: Utf8PathBuf,
        /// Files and links.
        files: u64,
        /// Bytes in files.
        bytes: u64,
    },
    /// Somebody changed it. It was removed; the next build fetches it again.
    Spoilt {
        /// Where it lay.
        path: Utf8PathBuf,
        /// What was changed.
        file: PathBuf,
    },
}

/// What a check of one pin found.
#[derive(Debug)]
pub struct Report {
    /// The tree in the cache.
    pub cached: Cached,
    /// Every mirror in words, the upstream last; empty when offline.
    pub mirrors: Vec<(String, Result<(), MirrorError>)>,
}

impl Fetcher<'_> {
    /// Hashes the cached tree of `pin` again and asks every mirror whether it has the source.
    pub fn check(&self, pin: &Pin) -> Result<Report, FetchError> {
        let path = self.path(pin)?;
        let _guard = lock(&self.lock_path(pin), || {})?;
        let cached = match shared::lease(path.as_std_path())? {
            Found::Unsealed => Cached::Absent,
            Found::Changed(file) => spoilt(path, file)?,
            Found::Sound(lease) => match lease.changed()? {
                None => Cached::Sound { path, files: lease.files(), bytes: lease.bytes() },
                Some(file) => {
                    drop(lease);
                    spoilt(path, file)?
                }
            },
        };
        let mut mirrors = Vec::new();
        if !self.offline {
            let exclude = Exclude::of(pin);
            let job = self.job(pin, &exclude);
            for place in mirror::places(pin, self.overrides.get(&pin.name)) {
                mirrors.push((place.to_string(), probe(&job, &place)));
            }
        }
        Ok(Report { cached, mirrors })
    }
}

fn spoilt(path: Utf8PathBuf, file: PathBuf) -> Result<Cached, FetchError> {
    shared::discard(path.as_std_path(), || {})?;
    Ok(Cached::Spoilt { path, file })
}

/// Asks a place for a sign of life, without taking the source from it.
fn probe(job: &Job<'_>, place: &Place<'_>) -> Result<(), MirrorError> {
    match place {
        Place::Override(path) => exists(&job.repo_root.join(path)),
        Place::Mirror(Mirror::Path { path }) => exists(&job.repo_root.join(path)),
        Place::Mirror(Mirror::Git { url }) | Place::Upstream(Upstream::Git { url, .. }) => {
            ls_remote(&mirror::git_url(job, url), &["HEAD"], job.transfer).map(drop)
        }
        Place::Upstream(Upstream::GitTag { url, tag, .. }) => {
            let name = format!("refs/tags/{tag}");
            let found = ls_remote(&mirror::git_url(job, url), &[&name], job.transfer)?;
            if found.is_empty() { Err(MirrorError::Unusable(format!("it has no tag {tag}"))) } else { Ok(()) }
        }
        Place::Mirror(Mirror::Archive { url, .. }) | Place::Upstream(Upstream::Archive { url, .. }) => {
            ask::probe(url, job.transfer)
        }
        Place::Mirror(Mirror::PypiSdist { package, version, sha256, .. }) => {
            let found = pypi::Indexes::discover(job.transfer)?.sdist(package, version, job.transfer)?;
            mirror::same_digest(&found, sha256)
        }
        Place::Mirror(Mirror::Crate { package, version, .. })
        | Place::Upstream(Upstream::Crate { package, version, .. }) => {
            mirror::probe_crate(job, package, version)
        }
        Place::Mirror(Mirror::DebianSource { package, version, .. }) => {
            mirror::probe_debian(job, package, version)
        }
    }
}

fn exists(path: &camino::Utf8Path) -> Result<(), MirrorError> {
    if path.exists() {
        Ok(())
    } else {
        Err(MirrorError::Unusable("there is no such file or directory".to_owned()))
    }
}
