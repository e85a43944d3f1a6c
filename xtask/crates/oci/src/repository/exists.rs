//! Which of many tags are there.

use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::{Call, Client, Whose};
use crate::error::RegistryError;
use crate::repository::manifests::ACCEPT;
use model::oci::{ImageDigest, Pointer, Repository, Tag};
use std::collections::BTreeMap;
use transfer::Method;

impl Client {
    /// The digest of each tag, or `None` if it is not there: one pass, in parallel, bounded in time.
    ///
    /// A repository that does not exist has none of them. If the registry cannot be asked, the error
    /// [is one of availability](RegistryError::is_unavailable): build, and say so.
    pub fn exists_many(
        &self,
        repository: &Repository,
        tags: &[Tag],
    ) -> Result<BTreeMap<Tag, Option<ImageDigest>>, RegistryError> {
        let (found, error) = self.exists_some(repository, tags);
        error.map_or(Ok(found), Err)
    }

    /// The same as far as the registry answers, with the error that ended it. A tag that is not among the answers may be
    /// there or not.
    pub fn exists_some(
        &self,
        repository: &Repository,
        tags: &[Tag],
    ) -> (BTreeMap<Tag, Option<ImageDigest>>, Option<RegistryError>) {
        let pointers: Vec<Pointer> = tags.iter().cloned().map(Pointer::Tag).collect();
        let urls: Vec<String> =
            pointers.iter().map(|pointer| endpoint::manifest(repository, pointer)).collect();
        let doing = match tags {
            [tag] => format!("asking for {tag} in {repository}"),
            tags => format!("asking for {} tags in {repository}", tags.len()),
        };
        let mut call = Call::new(doing, Access::Pull(repository), Method::Head, String::new());
        call.headers.push(("Accept", ACCEPT.to_owned()));
        let mut answers = vec![None; urls.len()];
        let mut ended = self.fill(&call, &urls, &mut answers).err();
        let mut found = BTreeMap::new();
        for ((tag, pointer), response) in tags.iter().zip(&pointers).zip(answers) {
            let Some(response) = response else { continue };
            match self.digest_of(repository, &call, pointer, response) {
                Ok(digest) => {
                    found.insert(tag.clone(), digest);
                }
                Err(error) => {
                    ended.get_or_insert(error);
                }
            }
        }
        (found, ended)
    }

    fn digest_of(
        &self,
        repository: &Repository,
        call: &Call<'_>,
        pointer: &Pointer,
        response: transfer::Response,
    ) -> Result<Option<ImageDigest>, RegistryError> {
        if response.status == 404 {
            return Ok(None);
        }
        let response = expect(call, response, &[200])?;
        match response.headers.get("docker-content-digest").map(str::parse) {
            Some(Ok(digest)) => Ok(Some(digest)),
            // The specification only recommends the header.
            _ => Ok(Some(self.manifest(repository, pointer)?.digest)),
        }
    }

    /// The manifests that many tags or digests name; `None` for what is not there.
    pub fn manifests(
        &self,
        repository: &Repository,
        pointers: &[Pointer],
    ) -> Result<Vec<Option<crate::repository::manifests::Fetched>>, RegistryError> {
        let urls: Vec<String> =
            pointers.iter().map(|pointer| endpoint::manifest(repository, pointer)).collect();
        let doing = format!("reading {} manifests of {repository}", pointers.len());
        let mut call = Call::content(doing, Access::Pull(repository), String::new());
        if pointers.iter().any(|pointer| matches!(pointer, Pointer::Tag(_))) {
            call.whose = Whose::Registry;
        }
        call.headers.push(("Accept", ACCEPT.to_owned()));
        let answers = self.many(&call, &urls)?;
        let read = |(pointer, response): (&Pointer, transfer::Response)| {
            if response.status == 404 {
                return Ok(None);
            }
            let response = expect(&call, response, &[200])?;
            let told = response.headers.get("docker-content-digest");
            let doing = format!("reading the manifest {pointer} of {repository}");
            crate::repository::manifests::Fetched::read(&doing, pointer, told, response.body).map(Some)
        };
        pointers.iter().zip(answers).map(read).collect()
    }
}
