//! Reads, writes and removes manifests.

use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::{Call, Client};
use crate::error::RegistryError;
use crate::repository::hash;
use model::oci::Manifest;

use crate::repository::quay::Deletion;
use model::oci::{ImageDigest, Pointer, Repository, Tag};
use transfer::{Body, Method};

/// Every kind of manifest, for an `Accept` header.
pub(crate) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, \
application/vnd.docker.distribution.manifest.v2+json";

/// A manifest as the registry holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Digest of the bytes, verified.
    pub digest: ImageDigest,
    /// Media type for the bytes.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What they say.
    pub manifest: Manifest,
}

impl Fetched {
    /// Reads the bytes of an answer. If a digest was asked for, or is told, the bytes must have it.
    pub(crate) fn read(
        doing: &str,
        pointer: &Pointer,
        told: Option<&str>,
        bytes: Vec<u8>,
    ) -> Result<Self, RegistryError> {
        let malformed = |reason: String| RegistryError::malformed(doing, &reason);
        let told: Option<ImageDigest> =
            told.map(str::parse).transpose().map_err(|e: model::oci::ParseError| malformed(e.to_string()))?;
        let expected = match pointer {
            Pointer::Digest(digest) => Some(digest.clone()),
            Pointer::Tag(_) => told,
        };
        let digest = match expected {
            Some(expected) => {
                hash::verify(doing, &bytes, &expected)?;
                expected
            }
            None => ImageDigest::sha256(&bytes),
        };
        let manifest = Manifest::parse(&bytes).map_err(|e| malformed(e.to_string()))?;
        Ok(Self { digest, media_type: manifest.media_type().to_owned(), bytes, manifest })
    }
}

impl Client {
    /// The manifest that a tag or a digest names.
    pub fn manifest(&self, repository: &Repository, pointer: &Pointer) -> Result<Fetched, RegistryError> {
        let doing = format!("reading the manifest {pointer} of {repository}");
        let url = endpoint::manifest(repository, pointer);
        let access = Access::Pull(repository);
        let mut call = match pointer {
            Pointer::Digest(_) => Call::content(doing, access, url),
            Pointer::Tag(_) => Call::new(doing, access, Method::Get, url),
        };
        call.headers.push(("Accept", ACCEPT.to_owned()));
        let response = expect(&call, self.call(&call)?, &[200])?;
        Fetched::read(&call.doing, pointer, response.headers.get("docker-content-digest"), response.body)
    }

    /// The digest that a tag names now, if it is there.
    pub fn resolve(&self, repository: &Repository, tag: &Tag) -> Result<Option<ImageDigest>, RegistryError> {
        let found = self.exists_many(repository, std::slice::from_ref(tag))?;
        Ok(found.into_values().next().flatten())
    }

    /// Writes a manifest; what it refers to must be there. Returns its digest.
    pub fn put_manifest(
        &self,
        repository: &Repository,
        pointer: &Pointer,
        bytes: &[u8],
        media_type: &str,
    ) -> Result<ImageDigest, RegistryError> {
        let doing = format!("writing the manifest {pointer} of {repository}");
        let digest = match pointer {
            Pointer::Digest(digest) => {
                hash::verify(&doing, bytes, digest)?;
                digest.clone()
            }
            Pointer::Tag(_) => ImageDigest::sha256(bytes),
        };
        let url = endpoint::manifest(repository, pointer);
        let mut call = Call::new(doing, Access::Push(repository), Method::Put, url);
        call.headers.push(("Content-Type", media_type.to_owned()));
        call.body = Body::Bytes(bytes);
        expect(&call, self.call(&call)?, &[200, 201, 202])?;
        Ok(digest)
    }

    /// Gives a manifest of the repository another name. A tag of that name moves.
    pub fn tag(&self, repository: &Repository, digest: &ImageDigest, tag: &Tag) -> Result<(), RegistryError> {
        let fetched = self.manifest(repository, &digest.clone().into())?;
        self.put_manifest(repository, &tag.clone().into(), &fetched.bytes, &fetched.media_type)?;
        Ok(())
    }

    /// Removes a manifest, and with it every tag that names it. False: it was not there.
    pub fn delete(&self, repository: &Repository, digest: &ImageDigest) -> Result<bool, RegistryError> {
        self.remove(repository, &digest.clone().into())
    }

    /// Removes a tag and nothing else, where the registry can do that. False: it was not there.
    pub fn untag(&self, repository: &Repository, tag: &Tag) -> Result<bool, RegistryError> {
        if self.is_quay(repository) {
            return Ok(self.quay_delete(repository, tag)? == Deletion::Deleted);
        }
        self.remove(repository, &tag.clone().into())
    }

    /// Removes tags that name one manifest. `alone`: nothing else does, so that the manifest may go with them.
    pub fn forget(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
        tags: &[Tag],
        alone: bool,
    ) -> Result<(), RegistryError> {
        if alone && !self.is_quay(repository) {
            self.delete(repository, digest)?;
            return Ok(());
        }
        tags.iter().try_for_each(|tag| self.untag(repository, tag).map(|_| ()))
    }

    fn remove(&self, repository: &Repository, pointer: &Pointer) -> Result<bool, RegistryError> {
        let doing = format!("deleting {pointer} of {repository}");
        let url = endpoint::manifest(repository, pointer);
        let call = Call::new(doing, Access::Delete(repository), Method::Delete, url);
        match expect(&call, self.call(&call)?, &[200, 202, 204]) {
            Ok(_) => Ok(true),
            Err(error) if error.is_absent() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
