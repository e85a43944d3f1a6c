//! What is attached to a manifest: signatures, SBOMs, provenance.

use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::pages::linked;
use crate::client::{Call, Client};
use crate::error::RegistryError;
use model::oci::{Descriptor, Manifest};
use model::oci::{ImageDigest, Repository};
use transfer::Method;

fn read_page(doing: &str, bytes: &[u8]) -> Result<Vec<Descriptor>, RegistryError> {
    match Manifest::parse(bytes) {
        Ok(Manifest::Index(index)) => Ok(index.manifests),
        Ok(Manifest::Image(_)) => Err(RegistryError::malformed(doing, "an image, not a list")),
        Err(error) => Err(RegistryError::malformed(doing, &error)),
    }
}

impl Client {
    /// What refers to a manifest, by the registry's own account, else by the tag `sha256-…` that stands in for it.
    pub fn referrers(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
    ) -> Result<Vec<Descriptor>, RegistryError> {
        let doing = format!("asking what refers to {digest} in {repository}");
        let url = endpoint::url(repository, &format!("referrers/{digest}"));
        let (mut found, mut keeps_none) = (Vec::new(), false);
        let call = Call::new(doing, Access::Pull(repository), Method::Get, url);
        self.pages(
            call,
            |call| self.call(call),
            |call, response| {
                if matches!(response.status, 400 | 404 | 405) {
                    keeps_none = true;
                    return Ok(None);
                }
                let response = expect(call, response, &[200])?;
                found.extend(read_page(&call.doing, &response.body)?);
                linked(call, &response)
            },
        )?;
        if keeps_none { self.listed_by_tag(repository, digest) } else { Ok(found) }
    }

    fn listed_by_tag(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
    ) -> Result<Vec<Descriptor>, RegistryError> {
        let Some(tag) = digest.as_tag() else { return Ok(Vec::new()) };
        match self.manifest(repository, &tag.into()) {
            Ok(fetched) => Ok(match fetched.manifest {
                Manifest::Index(index) => index.manifests,
                Manifest::Image(_) => Vec::new(),
            }),
            Err(error) if error.is_absent() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}
