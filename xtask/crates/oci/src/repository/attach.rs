//! Attaches a manifest to the one that it says it is about.

use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::{Call, Client};
use crate::error::RegistryError;
use model::oci::{Descriptor, ImageDigest, Index, Manifest, Pointer, Repository, media};
use transfer::{Body, Method};

impl Client {
    /// Writes a manifest that has a subject; its blobs must be there. Returns its digest.
    ///
    /// A registry that keeps no list of what refers to a manifest gets one under the tag that stands in for it, as the
    /// specification asks. That list is read and written in two steps: who else writes it at the same time may win.
    pub fn attach(&self, repository: &Repository, bytes: &[u8]) -> Result<ImageDigest, RegistryError> {
        let digest = ImageDigest::sha256(bytes);
        let doing = format!("attaching {digest} in {repository}");
        let manifest = Manifest::parse(bytes).map_err(|error| RegistryError::malformed(&doing, &error))?;
        let subject = manifest.subject().map(|subject| subject.digest.clone());
        let subject = subject.ok_or_else(|| RegistryError::malformed(&doing, "it is about nothing"))?;
        let url = endpoint::manifest(repository, &Pointer::Digest(digest.clone()));
        let mut call = Call::new(doing, Access::Push(repository), Method::Put, url);
        call.headers.push(("Content-Type", manifest.media_type().to_owned()));
        call.body = Body::Bytes(bytes);
        let response = expect(&call, self.call(&call)?, &[200, 201, 202])?;
        if response.headers.get("oci-subject").is_none() {
            let descriptor = describe(&manifest, &digest, bytes.len());
            self.list_by_tag(repository, &subject, descriptor, &call.doing)?;
        }
        Ok(digest)
    }

    fn list_by_tag(
        &self,
        repository: &Repository,
        subject: &ImageDigest,
        descriptor: Descriptor,
        doing: &str,
    ) -> Result<(), RegistryError> {
        let tag = subject.as_tag();
        let tag = tag.ok_or_else(|| RegistryError::malformed(doing, "its subject's digest makes no tag"))?;
        let pointer = Pointer::Tag(tag);
        let mut listed = match self.manifest(repository, &pointer) {
            Ok(fetched) => match fetched.manifest {
                Manifest::Index(index) => index.manifests,
                Manifest::Image(_) => Vec::new(),
            },
            Err(error) if error.is_absent() => Vec::new(),
            Err(error) => return Err(error),
        };
        if listed.iter().any(|other| other.digest == descriptor.digest) {
            return Ok(());
        }
        listed.push(descriptor);
        let index = Index::new(listed);
        let bytes = serde_json::to_vec(&index).map_err(|error| RegistryError::malformed(doing, &error))?;
        self.put_manifest(repository, &pointer, &bytes, media::OCI_INDEX)?;
        Ok(())
    }
}

/// How a list names an attached manifest.
fn describe(manifest: &Manifest, digest: &ImageDigest, size: usize) -> Descriptor {
    let artifact_type = match manifest {
        Manifest::Image(image) => {
            Some(image.artifact_type.clone().unwrap_or_else(|| image.config.media_type.clone()))
        }
        Manifest::Index(_) => None,
    };
    Descriptor {
        annotations: manifest.annotations().clone(),
        artifact_type,
        ..Descriptor::new(manifest.media_type(), digest.clone(), size as u64)
    }
}
