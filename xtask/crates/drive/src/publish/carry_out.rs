//! Does what is left to do, and says what came of it.

use super::Merge;
use crate::trusted::Signer;
use anyhow::{Context, Result};
use ci::attest::Contents;
use ci::merge::Act;
use model::oci::{ImageDigest, Pointer, Repository, Tag, media};
use serde::Serialize;
use std::cell::OnceCell;

/// What came of a merge, or would.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// The image's suffix.
    pub suffix: String,
    /// The merged image.
    pub digest: ImageDigest,
    /// The image of each platform.
    pub legs: ci::merge::Legs,
    /// Repository by repository.
    pub repositories: Vec<Place>,
    /// Nothing was done, only looked at.
    pub dry_run: bool,
}

/// What was done in one repository, or would be.
#[derive(Debug, Serialize)]
pub struct Place {
    /// Which one.
    pub repository: Repository,
    /// The tags that name the image there.
    pub tags: Vec<Tag>,
    /// What was done.
    pub acts: Vec<Act>,
}

impl Merge<'_> {
    /// Does all of it. What fails leaves tags as they were, and the next merge goes on from there.
    pub fn carry_out(&self) -> Result<Outcome> {
        let signer = if self.order.sign { Some(Signer::of_merge(self.session)?) } else { None };
        let contents = OnceCell::new();
        // Before anything is written: what is published holds what it should.
        if self.todo.iter().flat_map(|(_, acts)| acts).any(|act| !matches!(act, Act::Tag(_) | Act::Sign)) {
            self.known(&contents)?;
        }
        // All repositories have the image before the first tag moves.
        for tags in [false, true] {
            for (repository, acts) in &self.todo {
                for act in acts.iter().filter(|act| matches!(act, Act::Tag(_)) == tags) {
                    self.session.ui.note(&format!("{repository}: {}", describe(act)));
                    self.act(repository, act, signer.as_ref(), &contents)
                        .with_context(|| format!("{repository}: cannot {}", describe(act)))?;
                }
                if let Some(signer) = signer.as_ref().filter(|_| !tags && !acts.is_empty()) {
                    self.signed(repository, signer, acts.contains(&Act::Sign))?;
                }
            }
        }
        if self.todo.iter().any(|(_, acts)| !acts.is_empty()) {
            self.verify()?;
        }
        Ok(self.outcome(false))
    }

    /// What would be done, or was.
    pub fn outcome(&self, dry_run: bool) -> Outcome {
        let place = |(repository, acts): &(Repository, Vec<Act>)| Place {
            repository: repository.clone(),
            tags: self.wanted.tags.clone(),
            acts: acts.clone(),
        };
        Outcome {
            suffix: self.order.image.suffix().to_owned(),
            digest: self.wanted.index.clone(),
            legs: self.wanted.legs.clone(),
            repositories: self.todo.iter().map(place).collect(),
            dry_run,
        }
    }

    fn act(
        &self,
        repository: &Repository,
        act: &Act,
        signer: Option<&Signer>,
        contents: &OnceCell<Vec<Contents>>,
    ) -> Result<()> {
        match act {
            Act::CopyLeg(digest) => {
                self.client.copy_image(&self.from, &Pointer::Digest(digest.clone()), repository, &[])?;
            }
            Act::WriteIndex => self.write(repository, &Pointer::Digest(self.wanted.index.clone()))?,
            Act::Attach(what) => {
                let contents = self.known(contents)?;
                self.attach(*what, repository, &self.document(*what, repository, contents))?;
            }
            Act::Sign => {
                let signer = signer.context("nobody was looked for who signs")?;
                signer.sign(self.session, self.client, repository, &self.images())?;
            }
            Act::Tag(tag) => self.write(repository, &Pointer::Tag(tag.clone()))?,
        }
        Ok(())
    }

    fn write(&self, repository: &Repository, pointer: &Pointer) -> Result<()> {
        self.client.put_manifest(repository, pointer, &self.index, media::OCI_INDEX)?;
        Ok(())
    }

    /// What the images are made of, read once.
    fn known<'c>(&self, contents: &'c OnceCell<Vec<Contents>>) -> Result<&'c Vec<Contents>> {
        if let Some(contents) = contents.get() {
            return Ok(contents);
        }
        let read = self.contents()?;
        Ok(contents.get_or_init(|| read))
    }

    /// The image, and those that it lists.
    fn images(&self) -> Vec<&ImageDigest> {
        let legs = self.wanted.legs.iter().map(|leg| &leg.digest);
        std::iter::once(&self.wanted.index).chain(legs).collect()
    }

    /// Makes sure of the signature before any tag moves. One of somebody else may be there, or of a format that nobody
    /// reads: then another one is made.
    fn signed(&self, repository: &Repository, signer: &Signer, fresh: bool) -> Result<()> {
        let images = self.images();
        let verify = || signer.verify(self.session, self.client, repository, &images);
        let unsigned =
            || format!("{repository}: the image is not signed so that a verifier takes it; no tag moved");
        match verify() {
            Err(_) if !fresh => {
                signer.sign(self.session, self.client, repository, &images)?;
                verify().with_context(unsigned)
            }
            verified => verified.with_context(unsigned),
        }
    }
}

/// An act in words, as in `write the list`.
pub fn describe(act: &Act) -> String {
    match act {
        Act::CopyLeg(digest) => format!("copy the image {digest}"),
        Act::WriteIndex => "write the list of platforms".to_owned(),
        Act::Attach(ci::merge::Attachment::Sbom) => "attach the bill of materials".to_owned(),
        Act::Attach(ci::merge::Attachment::Provenance) => "attach the provenance".to_owned(),
        Act::Sign => "sign".to_owned(),
        Act::Tag(tag) => format!("tag {tag}"),
    }
}
