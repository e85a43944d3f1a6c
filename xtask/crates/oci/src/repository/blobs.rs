//! Reads blobs.

use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::{Call, Client};
use crate::error::RegistryError;
use crate::repository::hash;
use camino::Utf8Path;
use model::oci::{ImageDigest, Repository};
use std::fs;
use transfer::{Method, Response};

impl Client {
    /// Is the blob in this repository?
    pub fn has_blob(&self, repository: &Repository, digest: &ImageDigest) -> Result<bool, RegistryError> {
        let doing = format!("asking for the blob {digest} in {repository}");
        let url = endpoint::url(repository, &format!("blobs/{digest}"));
        let call = Call::new(doing, Access::Pull(repository), Method::Head, url);
        is_there(&call, self.call(&call)?)
    }

    /// Which of these blobs are in this repository: one pass, in parallel, bounded in time.
    pub fn has_blobs(
        &self,
        repository: &Repository,
        digests: &[ImageDigest],
    ) -> Result<Vec<bool>, RegistryError> {
        let doing = format!("asking for {} blobs in {repository}", digests.len());
        let call = Call::new(doing, Access::Pull(repository), Method::Head, String::new());
        let answers = self.many(&call, &urls(repository, digests))?;
        answers.into_iter().map(|response| is_there(&call, response)).collect()
    }

    /// The bytes of many small blobs, verified; `None` for what is not there.
    pub fn small_blobs(
        &self,
        repository: &Repository,
        digests: &[ImageDigest],
    ) -> Result<Vec<Option<Vec<u8>>>, RegistryError> {
        let doing = format!("reading {} blobs of {repository}", digests.len());
        let call = Call::content(doing, Access::Pull(repository), String::new());
        let answers = self.many(&call, &urls(repository, digests))?;
        let read = |(digest, response): (&ImageDigest, Response)| {
            if response.status == 404 {
                return Ok(None);
            }
            let response = expect(&call, response, &[200])?;
            hash::verify(&call.doing, &response.body, digest)?;
            Ok(Some(response.body))
        };
        digests.iter().zip(answers).map(read).collect()
    }

    /// Writes a blob to `path`, verified. A connection that breaks goes on where it was.
    pub fn blob(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
        path: &Utf8Path,
    ) -> Result<(), RegistryError> {
        let doing = format!("reading the blob {digest} of {repository}");
        let part = Utf8Path::new(path).with_added_extension("part");
        remove(&part)?;
        let url = endpoint::url(repository, &format!("blobs/{digest}"));
        let mut call = Call::content(doing, Access::Pull(repository), url);
        call.output = Some(part.as_path());
        let answer = self.call(&call).and_then(|response| expect(&call, response, &[200, 206]));
        let done = answer.and_then(|_| hash::verify_file(&call.doing, &part, digest));
        if let Err(error) = done {
            remove(&part)?;
            return Err(error);
        }
        fs::rename(&part, path).map_err(|e| RegistryError::io("renaming", &part, e))
    }

    /// The bytes of a small blob, verified: a configuration.
    pub fn small_blob(
        &self,
        repository: &Repository,
        digest: &ImageDigest,
    ) -> Result<Vec<u8>, RegistryError> {
        let doing = format!("reading the blob {digest} of {repository}");
        let url = endpoint::url(repository, &format!("blobs/{digest}"));
        let call = Call::content(doing, Access::Pull(repository), url);
        let response = expect(&call, self.call(&call)?, &[200])?;
        hash::verify(&call.doing, &response.body, digest)?;
        Ok(response.body)
    }
}

/// Who is sent to where a blob lies was told that it is there; nobody need be asked there.
fn is_there(call: &Call<'_>, response: Response) -> Result<bool, RegistryError> {
    match response.status {
        302 | 303 | 307 => Ok(true),
        404 => Ok(false),
        _ => expect(call, response, &[200]).map(|_| true),
    }
}

fn urls(repository: &Repository, digests: &[ImageDigest]) -> Vec<String> {
    digests.iter().map(|digest| endpoint::url(repository, &format!("blobs/{digest}"))).collect()
}

fn remove(path: &Utf8Path) -> Result<(), RegistryError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(RegistryError::io("removing", path, error))
        }
        _ => Ok(()),
    }
}
