//! What is attached to a manifest: signatures, SBOMs, provenance.

use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::{Call, Client};
use crate::error::RegistryError;
use model::oci::{Descriptor, Manifest};
use model::oci::{ImageDigest, Repository};
use transfer::Method;

/// More pages than this are a server that goes in circles.
const MAX_PAGES: usize = 1000;

impl Client {
    /// What refers to a manifest, by the registry's own account, else by the tag `sha256-…` that stands in for it.
    pub fn referrers(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
    ) -> Result<Vec<Descriptor>, RegistryError> {
        let doing = format!("asking what refers to {digest} in {repository}");
        let mut url = endpoint::url(repository, &format!("referrers/{digest}"));
        let mut found = Vec::new();
        for _ in 0..MAX_PAGES {
            let call = Call::new(doing.clone(), Access::Pull(repository), Method::Get, url);
            let response = self.call(&call)?;
            if matches!(response.status, 400 | 404 | 405) {
                return self.listed_by_tag(repository, digest);
            }
            let response = expect(&call, response, &[200])?;
            match Manifest::parse(&response.body) {
                Ok(Manifest::Index(index)) => found.extend(index.manifests),
                Ok(Manifest::Image(_)) => {
                    return Err(RegistryError::malformed(&doing, "an image, not a list"));
                }
                Err(error) => return Err(RegistryError::malformed(&doing, &error)),
            }
            match endpoint::next_page(&doing, &response)? {
                Some(next) => url = next,
                None => return Ok(found),
            }
        }
        Err(RegistryError::malformed(&doing, "the list has no end"))
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
