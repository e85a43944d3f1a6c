//! Writes blobs. A broken connection costs the piece that was on its way, not all of it.

use super::hash::digest_file;
use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::{Call, Client, Whose};
use crate::error::RegistryError;
use camino::Utf8Path;
use model::oci::{ImageDigest, Repository};
use transfer::{Body, Method, Response, redact};

/// What happened to a blob that had to be somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It was there.
    Present,
    /// The registry took it from another of its repositories.
    Mounted,
    /// Its bytes were sent.
    Sent,
}

/// What is to be a blob.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    Bytes(&'a [u8]),
    File(&'a Utf8Path),
}

impl<'a> Content<'a> {
    fn part(self, from: u64, length: u64) -> Body<'a> {
        match self {
            Self::File(path) => Body::File { path, from, length },
            Self::Bytes(bytes) => {
                let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Body::Bytes(&bytes[at(from)..at(from + length)])
            }
        }
    }
}

/// An upload in progress.
struct Upload<'a> {
    client: &'a Client,
    repository: &'a Repository,
    doing: String,
    place: Place,
    tried: u32,
}

/// Where an upload goes on.
struct Place {
    url: String,
    /// Whoever was once named by somebody else than the registry is somebody else, also under its name.
    whose: Whose,
}

impl Place {
    fn linked(doing: &str, response: &Response, before: Whose) -> Result<Self, RegistryError> {
        let location = response.headers.get("location");
        let location = location.ok_or_else(|| RegistryError::malformed(doing, "no Location to go on at"))?;
        let (url, own) = endpoint::linked(doing, response, location)?;
        Ok(Self { url, whose: if own { before } else { Whose::Other } })
    }
}

impl Client {
    /// Writes a file as a blob, unless it is there. Returns its digest and length.
    pub fn push_blob(
        &self,
        repository: &Repository,
        path: &Utf8Path,
    ) -> Result<(ImageDigest, u64, Arrival), RegistryError> {
        let (digest, bytes) = digest_file(path)?;
        let arrival = if self.has_blob(repository, &digest)? {
            Arrival::Present
        } else {
            self.upload(repository, Content::File(path), &digest, bytes)?;
            Arrival::Sent
        };
        Ok((digest, bytes, arrival))
    }

    /// Writes bytes as a blob, unless it is there.
    pub fn push_bytes(&self, repository: &Repository, bytes: &[u8]) -> Result<ImageDigest, RegistryError> {
        let digest = ImageDigest::sha256(bytes);
        if !self.has_blob(repository, &digest)? {
            self.upload(repository, Content::Bytes(bytes), &digest, bytes.len() as u64)?;
        }
        Ok(digest)
    }

    pub(crate) fn upload(
        &self,
        repository: &Repository,
        content: Content<'_>,
        digest: &ImageDigest,
        bytes: u64,
    ) -> Result<(), RegistryError> {
        let doing = format!("writing the blob {digest} to {repository}");
        let place = self.begin(repository, &doing)?;
        let mut upload = Upload { client: self, repository, doing, place, tried: 0 };
        if bytes <= self.settings.piece {
            upload.whole(content.part(0, bytes), digest)
        } else {
            upload.pieces(content, digest, bytes)
        }
    }

    fn begin(&self, repository: &Repository, doing: &str) -> Result<Place, RegistryError> {
        let url = endpoint::url(repository, "blobs/uploads/");
        let call = Call::new(doing.to_owned(), Access::Push(repository), Method::Post, url);
        let response = expect(&call, self.call(&call)?, &[202])?;
        Place::linked(doing, &response, Whose::Registry)
    }
}

impl Upload<'_> {
    /// All in one request, begun again as a whole if it fails.
    fn whole(&mut self, body: Body<'_>, digest: &ImageDigest) -> Result<(), RegistryError> {
        loop {
            let mut call = self.call(Method::Put, with_digest(&self.place.url, digest));
            call.headers.push(("Content-Type", "application/octet-stream".to_owned()));
            call.body = body;
            match self.client.call(&call) {
                Ok(response) if response.status == 404 => self.failed(response_error(&call, response))?,
                Ok(response) => {
                    expect(&call, response, &[201, 204])?;
                    return self.arrived(digest);
                }
                Err(error) => self.failed(error)?,
            }
            // What arrived without its answer is there.
            if self.client.has_blob(self.repository, digest)? {
                return Ok(());
            }
            self.place = self.client.begin(self.repository, &self.doing)?;
        }
    }

    /// That something was taken is for the registry to say.
    fn arrived(&self, digest: &ImageDigest) -> Result<(), RegistryError> {
        if self.place.whose == Whose::Registry || self.client.has_blob(self.repository, digest)? {
            return Ok(());
        }
        let reason = format!(
            "{}, whom the registry named, took it, but the registry has no such blob",
            redact(&self.place.url)
        );
        Err(RegistryError::malformed(&self.doing, &reason))
    }

    fn pieces(
        &mut self,
        content: Content<'_>,
        digest: &ImageDigest,
        bytes: u64,
    ) -> Result<(), RegistryError> {
        let (mut from, mut furthest) = (0, 0);
        while from < bytes {
            let length = self.client.settings.piece.min(bytes - from);
            let mut call = self.call(Method::Patch, self.place.url.clone());
            call.headers.push(("Content-Type", "application/octet-stream".to_owned()));
            call.headers.push(("Content-Range", format!("{from}-{}", from + length - 1)));
            call.body = content.part(from, length);
            match self.client.call(&call) {
                Ok(response) if response.status == 202 => {
                    self.place = Place::linked(&self.doing, &response, self.place.whose)?;
                    from += length;
                    // An upload that begins again and again must come to an end.
                    if from > furthest {
                        (furthest, self.tried) = (from, 0);
                    }
                }
                // 416: not where the registry is; 404: it forgot the upload.
                Ok(response) if [404, 416].contains(&response.status) => {
                    self.failed(response_error(&call, response))?;
                    from = self.position(bytes)?;
                }
                Ok(response) => return Err(response_error(&call, response)),
                Err(error) => {
                    self.failed(error)?;
                    from = self.position(bytes)?;
                }
            }
        }
        let mut call = self.call(Method::Put, with_digest(&self.place.url, digest));
        call.once = false;
        expect(&call, self.client.call(&call)?, &[201, 204])?;
        self.arrived(digest)
    }

    /// How much the registry has. An upload that it forgot begins again, as does one at the registry of the
    /// distribution project: it signs the offset into the location, and cancels an upload that is asked for elsewhere.
    fn position(&mut self, bytes: u64) -> Result<u64, RegistryError> {
        let mut call = self.call(Method::Get, self.place.url.clone());
        call.once = false;
        let response = self.client.call(&call)?;
        if response.status != 204 {
            self.place = self.client.begin(self.repository, &self.doing)?;
            return Ok(0);
        }
        if response.headers.get("location").is_some() {
            self.place = Place::linked(&self.doing, &response, self.place.whose)?;
        }
        let last = response
            .headers
            .get("range")
            .and_then(|range| range.trim_start_matches("bytes=").split_once('-'));
        let last: Option<u64> = last.and_then(|(_, last)| last.parse().ok());
        // `0-0` is what both no byte and one byte look like: the piece then starts at 0 and is refused if that is wrong.
        Ok(last.map_or(0, |last| if last == 0 { 0 } else { last + 1 }).min(bytes))
    }

    fn call(&self, method: Method, url: String) -> Call<'_> {
        let mut call = Call::new(self.doing.clone(), Access::Push(self.repository), method, url);
        (call.once, call.whose) = (true, self.place.whose);
        call
    }

    /// Waits before the next try, or fails with `error`.
    fn failed(&mut self, error: RegistryError) -> Result<(), RegistryError> {
        self.tried += 1;
        let asked = match &error {
            RegistryError::Busy { after, .. } => *after,
            error if error.is_unavailable() || error.is_absent() => None,
            RegistryError::Answer { status: 416, .. } => None,
            _ => return Err(error),
        };
        match self.client.settings.backoff.wait(self.tried, asked) {
            Some(wait) => Ok(halt::pause(wait)?),
            None => Err(error),
        }
    }
}

fn response_error(call: &Call<'_>, response: Response) -> RegistryError {
    match expect(call, response, &[]) {
        Err(error) => error,
        Ok(_) => RegistryError::malformed(&call.doing, "an answer of no status"),
    }
}

fn with_digest(location: &str, digest: &ImageDigest) -> String {
    let separator = if location.contains('?') { '&' } else { '?' };
    format!("{location}{separator}digest={digest}")
}
