//! How containers are built, with the manifests' defaults filled in.

use crate::registries::repository;
use crate::session::Session;
use anyhow::Result;
use camino::Utf8PathBuf;
use model::event::{Decision, Event, Publish, decide};
use model::oci::Repository;
use plan::container::BuilderChoice;

/// What is asked for of containers; where nothing is said, the manifests' defaults hold.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What a build starts from.
    pub builder: BuilderChoice,
    /// The builder of buildx; none for the current one.
    pub buildx_builder: Option<String>,
    /// Push images.
    pub push: bool,
    /// What machines share.
    pub registry: Option<Repository>,
    /// Where images go.
    pub publish_to: Vec<Repository>,
    /// Where files go that are named by the digests of pushed images.
    pub digests: Option<Utf8PathBuf>,
}

/// How containers are built.
#[derive(Debug, Clone)]
pub struct Containers {
    /// What a build starts from.
    pub builder: BuilderChoice,
    /// The builder of buildx; none for the current one.
    pub buildx_builder: Option<String>,
    /// Holds what machines share.
    pub cache: Repository,
    /// Where images go; empty when nothing is pushed.
    pub publish_to: Vec<Repository>,
    /// Where files go that are named by the digests of pushed images.
    pub digests: Option<Utf8PathBuf>,
    /// What the event allows.
    pub decision: Decision,
}

impl Containers {
    /// With the defaults of the manifests and what the event allows.
    pub fn of(session: &Session, asked: &Asked) -> Result<Self> {
        let registry = &session.manifests.registry;
        let decision = decide(&Event::read(&exec::event::capture()), asked.push);
        let defaults = match decision.publish {
            _ if !asked.push => &[][..],
            Publish::Nothing => {
                session.ui.warn(&format!("--push: nothing is published ({})", decision.reason));
                &[]
            }
            Publish::PullRequests => std::slice::from_ref(&registry.pull_requests),
            Publish::Released => &registry.backends,
        };
        let publish_to = if defaults.is_empty() || asked.publish_to.is_empty() {
            defaults.iter().map(|text| repository(text)).collect::<Result<_>>()?
        } else {
            asked.publish_to.clone()
        };
        Ok(Self {
            builder: asked.builder,
            buildx_builder: asked.buildx_builder.clone(),
            cache: asked.registry.clone().map_or_else(|| repository(&registry.cache), Ok)?,
            publish_to,
            digests: asked.digests.clone(),
            decision,
        })
    }

    /// Whether images are pushed.
    pub fn pushes(&self) -> bool {
        !self.publish_to.is_empty()
    }

    /// Whether caches that other machines read are written.
    pub fn writes_caches(&self) -> bool {
        self.decision.cache.write
    }

    /// Every repository that a pushed image goes to: those for users, and the one that keeps it under its key.
    pub fn targets(&self) -> Vec<Repository> {
        let mut targets = self.publish_to.clone();
        if self.writes_caches() && !targets.contains(&self.cache) {
            targets.push(self.cache.clone());
        }
        targets
    }
}
