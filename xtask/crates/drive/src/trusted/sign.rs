//! Signs: by a key in a file, else by the identity of the workflow that runs.

use super::maker::{maker, own};
use crate::artifact::{blob, empty};
use crate::error::Coded;
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use exec::cosign::{self, Cosign, Place};
use model::oci::{Descriptor, ImageDigest, ImageManifest, Repository, Tag};
use model::trust::Identity;
use oci::Client;
use std::collections::BTreeMap;
use trust::{Bundle, IMAGE_TYPE, MEDIA_TYPE, PREDICATE_TYPE, SigningKey, Statement, image_statement};

/// Names the file with the private key that signs.
const KEY: &str = "XTASK_SIGNING_KEY";

/// What signs in this run.
#[derive(Debug)]
pub enum Signer {
    /// A key in a file.
    Key(Box<SigningKey>),
    /// Cosign, as the workflow that runs.
    Workflow(Cosign),
}

impl Signer {
    /// What signs here; none where there is neither a key nor an identity.
    pub fn find(session: &Session) -> Result<Option<Self>> {
        if let Some(path) = exec::environment::variable(KEY) {
            let text =
                fs_err::read_to_string(&path).with_context(|| format!("{KEY} names a file with a key"))?;
            let key = SigningKey::from_pem(&text)
                .map_err(|error| Coded::Usage(format!("{KEY}: {path}: {error}")))?;
            return Ok(Some(Self::Key(Box::new(key))));
        }
        if !exec::event::has_identity() {
            return Ok(None);
        }
        Ok(cosign::find(&session.search_path()?).ok().map(Self::Workflow))
    }

    /// What signs here, or cosign, which asks whoever sits there.
    pub fn of_merge(session: &Session) -> Result<Self> {
        match Self::find(session)? {
            Some(signer) => Ok(signer),
            None => Ok(Self::Workflow(
                cosign::find(&session.search_path()?).map_err(|error| Coded::Missing(error.to_string()))?,
            )),
        }
    }

    /// Says who made what a tag names, where anybody can say so. To be used by runs alone whose results others may use.
    pub fn attest(
        session: &Session,
        client: &Client,
        repository: &Repository,
        tag: &Tag,
        digest: &ImageDigest,
    ) -> Result<()> {
        let Some(signer) = Self::find(session)? else {
            if session.manifests.registry.trust.is_some() {
                let help = format!("set {KEY}, or let the workflow have `id-token: write` and cosign");
                bail!("nothing signs here, so that nobody will use {tag} of {repository}: {help}");
            }
            return Ok(());
        };
        signer
            .state(session, client, repository, tag, digest)
            .with_context(|| format!("{tag} cannot be signed"))
    }

    fn state(
        &self,
        session: &Session,
        client: &Client,
        repository: &Repository,
        tag: &Tag,
        digest: &ImageDigest,
    ) -> Result<()> {
        let (key, repository) = (tag.clone(), repository.clone());
        let statement = Statement { key, repository, digest: digest.clone(), maker: maker(session) };
        match self {
            Self::Key(key) => {
                let bundle = Bundle::sign(&statement.to_json()?, key)?;
                attach(client, &statement.repository, digest, PREDICATE_TYPE, &bundle)
            }
            Self::Workflow(cosign) => {
                let place = Workplace::new(session, "statement")?;
                let predicate = place.dir().join("predicate.json");
                fs_err::write(&predicate, serde_json::to_vec(&statement)?)?;
                told(session, tag.as_str(), |place| {
                    cosign.attest(&statement.repository, digest, PREDICATE_TYPE, &predicate, place)
                })
            }
        }
    }

    /// Signs a published image and the images that it lists.
    pub fn sign(
        &self,
        session: &Session,
        client: &Client,
        repository: &Repository,
        images: &[&ImageDigest],
    ) -> Result<()> {
        match self {
            Self::Key(key) => images.iter().try_for_each(|image| {
                let bundle = Bundle::sign(&image_statement(repository, image)?, key)?;
                attach(client, repository, image, IMAGE_TYPE, &bundle)
            }),
            Self::Workflow(cosign) => images.first().map_or(Ok(()), |image| {
                told(session, image.hex(), |place| cosign.sign(repository, image, place))
            }),
        }
    }

    /// Makes sure that a published image is signed, by us or by somebody who is trusted.
    pub fn verify(
        &self,
        session: &Session,
        client: &Client,
        repository: &Repository,
        images: &[&ImageDigest],
    ) -> Result<()> {
        match self {
            Self::Key(key) => {
                let images: Vec<ImageDigest> = images.iter().copied().cloned().collect();
                let bundles = client.attached(repository, &images, MEDIA_TYPE)?;
                let keys = [key.public()];
                for (image, bundles) in images.iter().zip(bundles) {
                    let statement = image_statement(repository, image)?;
                    let is_signed = |bytes: &Vec<u8>| {
                        Bundle::parse(bytes)
                            .and_then(|bundle| bundle.signed_by(&keys))
                            .is_ok_and(|it| it == statement)
                    };
                    ensure!(
                        bundles.iter().any(is_signed),
                        "{repository}@{image} has no signature by the key of {KEY}"
                    );
                }
                Ok(())
            }
            Self::Workflow(cosign) => {
                let Some(image) = images.first() else { return Ok(()) };
                let identities = identities(session)?;
                let mut last = None;
                for identity in &identities {
                    match told(session, image.hex(), |place| {
                        cosign.verify(repository, image, identity, place)
                    }) {
                        Ok(()) => return Ok(()),
                        Err(error) => last = Some(error),
                    }
                }
                Err(last.context("nobody is known who may sign")?)
            }
        }
    }
}

/// Who may have signed what is published: whom the manifest trusts, else the workflows of this repository.
fn identities(session: &Session) -> Result<Vec<Identity>> {
    let trust = session.manifests.registry.trust.as_ref();
    let named = trust.map(|trust| trust.identities.clone()).filter(|named| !named.is_empty());
    let named = named.or_else(|| own().map(|own| vec![own]));
    named.context(
        "a signature cannot be verified without knowing whose it should be: name identities in \
         backend/variants.yaml, `registry: trust: identities:`",
    )
}

/// Attaches a bundle to a manifest, as cosign does.
fn attach(
    client: &Client,
    repository: &Repository,
    digest: &ImageDigest,
    kind: &str,
    bundle: &[u8],
) -> Result<()> {
    let subject = client.manifest(repository, &digest.clone().into())?;
    let annotations = BTreeMap::from([
        ("dev.sigstore.bundle.content".to_owned(), "dsse-envelope".to_owned()),
        ("dev.sigstore.bundle.predicateType".to_owned(), kind.to_owned()),
    ]);
    let (config, layer) = (empty(client, repository)?, blob(client, repository, MEDIA_TYPE, bundle)?);
    let subject = Descriptor::new(&subject.media_type, subject.digest, subject.bytes.len() as u64);
    let manifest = ImageManifest {
        artifact_type: Some(MEDIA_TYPE.to_owned()),
        subject: Some(subject),
        annotations,
        ..ImageManifest::new(config, vec![layer])
    };
    client.attach(repository, &serde_json::to_vec(&manifest)?)?;
    Ok(())
}

/// Runs cosign, whose words go to a log and to who wants details.
pub(super) fn told(
    session: &Session,
    name: &str,
    run: impl FnOnce(Place<'_>) -> Result<(), exec::run::RunError>,
) -> Result<()> {
    let log = log(session, name)?;
    let mut watch = |line: &str| session.ui.detail(line);
    Ok(run(Place { cwd: Utf8Path::new(&session.root), log: &log, watch: &mut watch })?)
}

fn log(session: &Session, name: &str) -> Result<Utf8PathBuf> {
    let dir = session.root.join("target/xtask-logs/cosign");
    fs_err::create_dir_all(&dir)?;
    Ok(dir.join(format!("{name}.log")))
}
