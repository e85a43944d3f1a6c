//! Does what is left to do, and says what came of it.

use super::Merge;
use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use ci::attest::Contents;
use ci::merge::Act;
use exec::cosign::{self, Cosign};
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
        let signs = self.todo.iter().any(|(_, acts)| acts.contains(&Act::Sign));
        let cosign = if signs { Some(cosign::find(&self.session.search_path()?)?) } else { None };
        let contents = OnceCell::new();
        // All repositories have the image before the first tag moves.
        for tags in [false, true] {
            for (repository, acts) in &self.todo {
                for act in acts.iter().filter(|act| matches!(act, Act::Tag(_)) == tags) {
                    self.session.ui.note(&format!("{repository}: {}", describe(act)));
                    self.act(repository, act, cosign.as_ref(), &contents)
                        .with_context(|| format!("{repository}: cannot {}", describe(act)))?;
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
        cosign: Option<&Cosign>,
        contents: &OnceCell<Vec<Contents>>,
    ) -> Result<()> {
        match act {
            Act::CopyLeg(digest) => {
                self.client.copy_image(&self.from, &Pointer::Digest(digest.clone()), repository, &[])?;
            }
            Act::WriteIndex => self.write(repository, &Pointer::Digest(self.wanted.index.clone()))?,
            Act::Attach(what) => {
                let contents = match contents.get() {
                    Some(contents) => contents,
                    None => contents.get_or_init({
                        let read = self.contents()?;
                        || read
                    }),
                };
                self.attach(*what, repository, &self.document(*what, repository, contents))?;
            }
            Act::Sign => {
                let cosign = cosign.context("cosign was not looked for")?;
                let log = self.log()?;
                let watch = |line: &str| self.session.ui.detail(line);
                cosign.sign(repository, &self.wanted.index, &self.session.root, &log, watch)?;
            }
            Act::Tag(tag) => self.write(repository, &Pointer::Tag(tag.clone()))?,
        }
        Ok(())
    }

    fn write(&self, repository: &Repository, pointer: &Pointer) -> Result<()> {
        self.client.put_manifest(repository, pointer, &self.index, media::OCI_INDEX)?;
        Ok(())
    }

    fn log(&self) -> Result<Utf8PathBuf> {
        let dir = self.session.root.join("target/xtask-logs");
        fs_err::create_dir_all(&dir)?;
        Ok(dir.join(format!("cosign{}.log", self.order.image.suffix())))
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
