//! Looks at who made what a registry has. What nobody who is trusted made counts as not there, and is told.

use super::sign::told;
use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Result, bail};
use exec::cosign::{self, Cosign};
use model::image_names::CacheTag;
use model::oci::{ImageDigest, Repository, Tag};
use model::trust::Trust;
use oci::Client;
use plan::presence::Answers;
use rayon::prelude::*;
use trust::{Bundle, Expected, MEDIA_TYPE, PREDICATE_TYPE, Refusal, Statement};

/// Knows whom to trust.
pub struct Verifier<'a> {
    session: &'a Session,
    trust: &'a Trust,
    cosign: Option<Cosign>,
    place: Workplace,
}

/// What is used of a registry's answers: all of them, where nobody is named whom to trust.
pub fn check(
    session: &Session,
    client: &Client,
    repository: &Repository,
    answers: Answers,
) -> Result<Answers> {
    let Some(verifier) = Verifier::of(session)? else { return Ok(answers) };
    let mut answers = answers;
    let there: Vec<(Tag, ImageDigest)> =
        answers.found.iter().filter_map(|(tag, digest)| Some((tag.clone(), digest.clone()?))).collect();
    let digests: Vec<ImageDigest> = there.iter().map(|(_, digest)| digest.clone()).collect();
    let bundles = match client.attached(repository, &digests, MEDIA_TYPE) {
        Ok(bundles) => bundles,
        Err(error) => {
            halt::check()?;
            answers.found.retain(|_, digest| digest.is_none());
            answers.silence.get_or_insert_with(|| format!("nobody can tell who made what is there: {error}"));
            return Ok(answers);
        }
    };
    let verdicts: Vec<Result<Statement, Refusal>> = there
        .par_iter()
        .zip(bundles)
        .map(|((key, digest), bundles)| {
            let expected = Expected { key, repository, digest };
            verifier.first(digest, &bundles, |statement| statement.check(expected))
        })
        .collect();
    for ((tag, _), verdict) in there.into_iter().zip(verdicts) {
        match verdict {
            Ok(statement) => {
                let trust::Maker { workflow, revision } = statement.maker;
                session.ui.detail(&format!("{repository}: {tag} was made by {workflow} of {revision}"));
            }
            Err(why) => {
                session.ui.warn(&format!("{repository}: {tag} is not used: {why}"));
                answers.refused.insert(tag, why.to_string());
            }
        }
    }
    Ok(answers)
}

/// Fails unless each of these images was made, as that of some key, by somebody who is trusted. False: nobody is named
/// whom to trust.
pub fn check_images(
    session: &Session,
    client: &Client,
    repository: &Repository,
    images: &[ImageDigest],
) -> Result<bool> {
    let Some(verifier) = Verifier::of(session)? else { return Ok(false) };
    for (digest, bundles) in images.iter().zip(client.attached(repository, images, MEDIA_TYPE)?) {
        let fits = |statement: &Statement| {
            let is_image = matches!(CacheTag::parse(&statement.key), Some(CacheTag::Image(_)));
            let expected = Expected { key: &statement.key, repository, digest };
            if is_image { statement.check(expected) } else { Err(Refusal::Other("key")) }
        };
        if let Err(why) = verifier.first(digest, &bundles, fits) {
            bail!("{repository}@{digest} is not published: {why}; build it again, in a run that signs");
        }
    }
    Ok(true)
}

impl<'a> Verifier<'a> {
    /// None where nobody is named whom to trust.
    pub fn of(session: &'a Session) -> Result<Option<Self>> {
        let Some(trust) = &session.manifests.registry.trust else { return Ok(None) };
        let by_identity = !trust.identities.is_empty();
        let cosign = if by_identity { cosign::find(&session.search_path()?).ok() } else { None };
        Ok(Some(Self { session, trust, cosign, place: Workplace::new(session, "bundles")? }))
    }

    /// The first statement that somebody who is trusted made and that fits.
    fn first(
        &self,
        digest: &ImageDigest,
        bundles: &[Vec<u8>],
        fits: impl Fn(&Statement) -> Result<(), Refusal>,
    ) -> Result<Statement, Refusal> {
        let mut refusal = Refusal::Unsigned;
        for bytes in bundles {
            let statement = self.payload(digest, bytes).and_then(|payload| Statement::read(&payload));
            match statement.and_then(|statement| fits(&statement).map(|()| statement)) {
                Ok(statement) => return Ok(statement),
                Err(why) => refusal = refusal.worse(why),
            }
        }
        Err(refusal)
    }

    /// What somebody who is trusted signed.
    fn payload(&self, digest: &ImageDigest, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        let bundle = Bundle::parse(bytes)?;
        match bundle.signed_by(&self.trust.keys) {
            Err(Refusal::Untrusted) if bundle.has_certificate() && !self.trust.identities.is_empty() => {}
            other => return other,
        }
        let cosign = self.cosign.as_ref().ok_or(Refusal::NoVerifier)?;
        let name = ImageDigest::sha256(bytes).hex().to_owned();
        let file = self.place.dir().join(&name);
        fs_err::write(&file, bytes).map_err(|_| Refusal::NoVerifier)?;
        let by = |identity: &model::trust::Identity| {
            let run = |place: exec::cosign::Place<'_>| {
                cosign.verify_bundle(&file, digest, PREDICATE_TYPE, identity, place)
            };
            told(self.session, &name, run).is_ok()
        };
        if self.trust.identities.iter().any(by) { bundle.payload() } else { Err(Refusal::Untrusted) }
    }
}
