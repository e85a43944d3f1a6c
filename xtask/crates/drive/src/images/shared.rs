//! The registry that machines share, as bases and root images see it: where it is, and what this run may write.

use crate::error::told;
use crate::session::Session;
use crate::trusted::Signer;
use crate::{registries, wanted};
use anyhow::Result;
use model::event::{Decision, Event, Publish, decide};
use model::key::Key;
use model::oci::{ImageDigest, Repository, Tag};
use oci::Client;
use std::collections::BTreeMap;

/// The cache repository and what the event allows.
#[derive(Debug)]
pub struct Shared {
    /// The cache repository.
    pub repository: Repository,
    /// What the event allows.
    pub decision: Decision,
    /// Asked for, and allowed.
    pub push: bool,
    /// Speaks with registries.
    pub client: Client,
}

impl Shared {
    /// With the repository of the command line, else that of the manifest.
    pub fn open(session: &Session, repository: Option<&Repository>, push: bool) -> Result<Self> {
        let repository = match repository {
            Some(repository) => repository.clone(),
            None => registries::repository(&session.manifests.registry.cache)?,
        };
        let decision = decide(&Event::read(&exec::event::capture()), push);
        if push && !decision.cache.write {
            session.ui.warn(&format!("--push: nothing is pushed ({})", decision.reason));
        }
        let push = push && decision.cache.write;
        Ok(Self { repository, push, decision, client: registries::client() })
    }

    /// Whether pushed images go to the repositories that users pull from.
    pub fn releases(&self) -> bool {
        self.push && self.decision.publish == Publish::Released
    }

    /// Says who made what a tag names. Without that nobody uses it who asks for it, which is said, and stops nothing.
    pub fn attest(&self, session: &Session, tag: &Tag, digest: &ImageDigest) {
        if let Err(error) = Signer::attest(session, &self.client, &self.repository, tag, digest) {
            session.ui.warn(&told(&error));
        }
    }

    /// Keeps images that are used again until they are merged. What cannot be written is said, and stops nothing.
    pub fn renew(&self, session: &Session, images: &BTreeMap<Key, ImageDigest>) {
        if !self.decision.cache.write {
            return;
        }
        if let Err(error) = wanted::renew(&self.client, &self.repository, images) {
            session.ui.warn(&wanted::warning(&error));
        }
    }
}
