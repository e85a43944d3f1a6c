//! What is attached to a merged image, as manifests of their own that refer to it.

use super::{Merge, Order, contents};
use crate::artifact::{blob, empty};
use crate::session::Session;
use anyhow::Result;
use ci::attest::{self, Contents, Made};
use ci::merge::{About, Attachment};
use model::oci::{Descriptor, ImageManifest, Repository, media};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the image says about itself.
pub fn about(session: &Session, order: &Order) -> About {
    let commit = order.event.commit.as_ref();
    let head = exec::checkout::commit(&session.root, commit);
    About {
        source: exec::event::source(),
        revision: commit.or(head.as_ref().map(|head| &head.commit)).map(ToString::to_string),
        version: order.tags.first().map(ToString::to_string),
        created: head.map(|head| head.time),
    }
}

impl Merge<'_> {
    /// What its legs are made of, read once for all repositories.
    pub(super) fn contents(&self) -> Result<Vec<Contents>> {
        let legs = self.wanted.legs.iter();
        legs.map(|leg| contents::contents(self.session, self.client, &self.from, leg, self.keys.as_ref()))
            .collect()
    }

    /// The document to attach.
    pub(super) fn document(&self, what: Attachment, repository: &Repository, contents: &[Contents]) -> Value {
        let index = &self.wanted.index;
        match what {
            Attachment::Sbom => attest::spdx(
                self.about.version.as_deref().unwrap_or(self.order.image.suffix()),
                index,
                &self.about,
                contents,
            ),
            Attachment::Provenance => {
                let run = exec::event::source().zip(self.order.event.run);
                let made = Made {
                    suffix: self.order.image.suffix().to_owned(),
                    event: self.order.event.trigger.to_string(),
                    tags: self.wanted.tags.clone(),
                    builder: if run.is_some() {
                        "https://github.com/actions/runner".to_owned()
                    } else {
                        "urn:xtask:local".to_owned()
                    },
                    invocation: run.map(|(source, run)| format!("{source}/actions/runs/{run}")),
                };
                attest::provenance(repository, index, &self.wanted.legs, &self.about, &made)
            }
        }
    }

    /// Attaches a document to the image in a repository.
    pub(super) fn attach(&self, what: Attachment, repository: &Repository, document: &Value) -> Result<()> {
        let annotations: BTreeMap<String, String> = match what {
            Attachment::Sbom => BTreeMap::new(),
            Attachment::Provenance => {
                [("in-toto.io/predicate-type".to_owned(), attest::PREDICATE.to_owned())].into()
            }
        };
        let config = empty(self.client, repository)?;
        let mut layer = blob(self.client, repository, what.media_type(), &serde_json::to_vec(document)?)?;
        layer.annotations.clone_from(&annotations);
        let subject = Descriptor::new(media::OCI_INDEX, self.wanted.index.clone(), self.index.len() as u64);
        let manifest = ImageManifest {
            artifact_type: Some(what.media_type().to_owned()),
            subject: Some(subject),
            annotations,
            ..ImageManifest::new(config, vec![layer])
        };
        self.client.attach(repository, &serde_json::to_vec(&manifest)?)?;
        Ok(())
    }
}
