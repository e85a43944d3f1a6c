//! Copies blobs and images between repositories, of one registry or of two.

use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::{Call, Client};
use crate::error::RegistryError;
use crate::repository::manifests::Fetched;
use crate::repository::upload::{Arrival, Content};
use camino::{Utf8Path, Utf8PathBuf};
use model::oci::{ImageDigest, Pointer, Repository, Tag};
use transfer::Method;

/// Lists within lists are deep enough for everybody.
const DEEPEST: u8 = 4;

impl Client {
    /// Has a blob of one repository in another one as well: mounted where the registry can, else sent through a file.
    pub fn copy_blob(
        &self,
        from: &Repository,
        to: &Repository,
        digest: &ImageDigest,
    ) -> Result<Arrival, RegistryError> {
        if self.has_blob(to, digest)? {
            return Ok(Arrival::Present);
        }
        if from.host() == to.host() && self.mount(from, to, digest)? {
            return Ok(Arrival::Mounted);
        }
        let file = temporary()?;
        self.blob(from, digest, path(&file))?;
        let bytes = path(&file).metadata().map_err(|e| RegistryError::io("reading", path(&file), e))?.len();
        self.upload(to, Content::File(path(&file)), digest, bytes)?;
        Ok(Arrival::Sent)
    }

    fn mount(&self, from: &Repository, to: &Repository, digest: &ImageDigest) -> Result<bool, RegistryError> {
        let doing = format!("mounting the blob {digest} of {from} in {to}");
        let query = format!("blobs/uploads/?mount={digest}&from={}", transfer::encode(from.path()));
        let call = Call::new(doing, Access::Mount { from, to }, Method::Post, endpoint::url(to, &query));
        let response = expect(&call, self.call(&call)?, &[201, 202])?;
        if response.status == 202
            && let Some(location) = response.headers.get("location")
            && let Ok((url, true)) = endpoint::linked(&call.doing, &response, location)
        {
            // The registry began an upload instead; it goes away by itself where this does not help.
            let cancel = Call::new(call.doing.clone(), Access::Push(to), Method::Delete, url);
            let _ = self.call(&Call { once: true, ..cancel });
        }
        Ok(response.status == 201)
    }

    /// Has an image, with all it refers to, in another repository, under its digest and these tags.
    pub fn copy_image(
        &self,
        from: &Repository,
        pointer: &Pointer,
        to: &Repository,
        tags: &[Tag],
    ) -> Result<ImageDigest, RegistryError> {
        let fetched = self.manifest(from, pointer)?;
        if from != to {
            self.copy_parts(from, &fetched, to, 0)?;
        }
        for tag in tags {
            self.put_manifest(to, &tag.clone().into(), &fetched.bytes, &fetched.media_type)?;
        }
        Ok(fetched.digest)
    }

    fn copy_parts(
        &self,
        from: &Repository,
        fetched: &Fetched,
        to: &Repository,
        depth: u8,
    ) -> Result<(), RegistryError> {
        if depth > DEEPEST {
            let doing = format!("copying {} of {from}", fetched.digest);
            return Err(RegistryError::malformed(&doing, "lists within lists without end"));
        }
        for child in fetched.manifest.children() {
            let child = self.manifest(from, &child.digest.clone().into())?;
            self.copy_parts(from, &child, to, depth + 1)?;
        }
        for blob in fetched.manifest.blobs() {
            self.copy_blob(from, to, &blob.digest)?;
        }
        self.put_manifest(to, &fetched.digest.clone().into(), &fetched.bytes, &fetched.media_type)?;
        Ok(())
    }
}

fn temporary() -> Result<tempfile::TempPath, RegistryError> {
    let dir = Utf8PathBuf::from_path_buf(std::env::temp_dir()).unwrap_or_else(|_| "/tmp".into());
    let file = tempfile::NamedTempFile::new_in(&dir);
    Ok(file.map_err(|e| RegistryError::io("making a temporary file in", &dir, e))?.into_temp_path())
}

/// Its directory is UTF-8, and its name is ours.
fn path(file: &tempfile::TempPath) -> &Utf8Path {
    Utf8Path::from_path(file).unwrap_or(Utf8Path::new("/dev/null"))
}
