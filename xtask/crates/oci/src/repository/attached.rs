//! What is attached to many manifests, by kind: bundles that say who made them.

use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::{Call, Client};
use crate::error::RegistryError;
use model::oci::{Descriptor, ImageDigest, Manifest, Pointer, Repository};
use std::collections::BTreeMap;
use transfer::{Method, Response, encode};

/// So many are read of one manifest: who attaches more wants to keep somebody busy.
const MOST: usize = 16;
/// Bytes of the largest that is read.
const LARGEST: u64 = 1 << 20;

impl Client {
    /// The contents of what of this kind is attached to each of these manifests: the first layer of each, verified by its
    /// digest and by nothing else. In four passes, each in parallel and bounded in time.
    pub fn attached(
        &self,
        repository: &Repository,
        subjects: &[ImageDigest],
        kind: &str,
    ) -> Result<Vec<Vec<Vec<u8>>>, RegistryError> {
        let lists = self.referrers_of(repository, subjects, kind)?;
        let mut manifests: Vec<Pointer> =
            lists.iter().flatten().map(|listed| Pointer::Digest(listed.digest.clone())).collect();
        manifests.sort_unstable();
        manifests.dedup();
        let read = self.manifests(repository, &manifests)?;
        let mut layers = BTreeMap::new();
        for fetched in read.into_iter().flatten() {
            let Manifest::Image(image) = fetched.manifest else { continue };
            let subject = image.subject.map(|subject| subject.digest);
            let layer = image.layers.into_iter().next().filter(|layer| layer.size <= LARGEST);
            if let (Some(subject), Some(layer)) = (subject, layer) {
                layers.insert(fetched.digest, (subject, layer.digest));
            }
        }
        let mut wanted: Vec<ImageDigest> = layers.values().map(|(_, layer)| layer.clone()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let contents = self.small_blobs(repository, &wanted)?;
        let contents: BTreeMap<_, _> =
            wanted.into_iter().zip(contents).filter_map(|(digest, text)| Some((digest, text?))).collect();
        let of = |(subject, list): (&ImageDigest, Vec<Descriptor>)| {
            let texts = list.into_iter().filter_map(|listed| {
                let (about, layer) = layers.get(&listed.digest)?;
                contents.get(layer).filter(|_| about == subject).cloned()
            });
            texts.collect()
        };
        Ok(subjects.iter().zip(lists).map(of).collect())
    }

    fn referrers_of(
        &self,
        repository: &Repository,
        subjects: &[ImageDigest],
        kind: &str,
    ) -> Result<Vec<Vec<Descriptor>>, RegistryError> {
        let doing = format!("asking what refers to {} manifests in {repository}", subjects.len());
        let call = Call::new(doing, Access::Pull(repository), Method::Get, String::new());
        let url = |subject: &ImageDigest| {
            endpoint::url(repository, &format!("referrers/{subject}?artifactType={}", encode(kind)))
        };
        let answers = self.many(&call, &subjects.iter().map(url).collect::<Vec<_>>())?;
        // Whoever keeps no lists has them under tags.
        let untold = |response: &Response| matches!(response.status, 400 | 404 | 405);
        let tags = subjects.iter().zip(&answers).filter(|(_, response)| untold(response));
        let tags: Vec<Pointer> = tags.filter_map(|(subject, _)| subject.as_tag()).map(Pointer::Tag).collect();
        let tagged = self.manifests(repository, &tags)?;
        let mut tagged: BTreeMap<Pointer, _> = tags.into_iter().zip(tagged).collect();
        let list = |(subject, response): (&ImageDigest, Response)| {
            let manifest = if untold(&response) {
                let tag = subject.as_tag().map(Pointer::Tag);
                tag.and_then(|tag| tagged.remove(&tag)).flatten().map(|fetched| fetched.manifest)
            } else {
                let response = expect(&call, response, &[200])?;
                let read = Manifest::parse(&response.body);
                Some(read.map_err(|error| RegistryError::malformed(&call.doing, &error))?)
            };
            let Some(Manifest::Index(index)) = manifest else { return Ok(Vec::new()) };
            let ours = |listed: &Descriptor| listed.artifact_type.as_deref() == Some(kind);
            // The newest stand last in many registries, and nowhere is it said.
            Ok(index.manifests.into_iter().rev().filter(ours).take(MOST).collect())
        };
        subjects.iter().zip(answers).map(list).collect()
    }
}
