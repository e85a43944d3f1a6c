//! Quay's own API: tags with sizes and dates, and the deletion of tags alone.

use crate::auth::access::Access;
use crate::client::expect::expect;
use crate::client::{Call, Client, endpoint, send};
use crate::error::RegistryError;
use model::oci::{ImageDigest, Repository, Tag};
use serde::Deserialize;
use transfer::{Authorization, Method, Secret};

/// A tag as Quay knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QuayTag {
    /// The tag.
    pub name: Tag,
    /// What it names.
    pub manifest_digest: ImageDigest,
    /// When it was written, in seconds since 1970.
    #[serde(default)]
    pub start_ts: Option<u64>,
    /// Bytes of all layers; Quay knows none for lists.
    #[serde(default)]
    pub size: Option<u64>,
}

/// One page of Quay's list of tags.
#[derive(Debug, Deserialize)]
struct Page {
    tags: Vec<QuayTag>,
    #[serde(default)]
    has_additional: bool,
}

/// What became of a tag that was to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is gone.
    Deleted,
    /// It was not there.
    Absent,
}

const HINT: &str = "QUAY_TOKEN must be an OAuth access token of an application with `repo:write` on the repository; \
a robot account's or user's password is not one";

/// Reads one page of Quay's list of tags; the flag says that there are more.
pub fn quay_tags(bytes: &[u8]) -> Result<(Vec<QuayTag>, bool), serde_json::Error> {
    let page: Page = serde_json::from_slice(bytes)?;
    Ok((page.tags, page.has_additional))
}

impl Client {
    /// Can Quay's API be used for this repository?
    pub fn is_quay(&self, repository: &Repository) -> bool {
        self.settings.quay_token.is_some()
            && (repository.host() == "quay.io"
                || self.settings.quay_hosts.iter().any(|h| h == repository.host()))
    }

    /// Every tag that is alive, as Quay knows it.
    pub fn quay_list(&self, repository: &Repository) -> Result<Vec<QuayTag>, RegistryError> {
        let doing = format!("listing the tags of {repository} by Quay's API");
        let url = |page| api(repository, &format!("tag/?limit=100&onlyActiveTags=true&page={page}"));
        let (mut found, mut page) = (Vec::new(), 1);
        let call = Call::new(doing, Access::Pull(repository), Method::Get, url(page));
        self.pages(
            call,
            |call| self.quay(call),
            |call, response| {
                let response = expect(call, response, &[200])?;
                let read = quay_tags(&response.body);
                let (tags, more) = read.map_err(|error| RegistryError::malformed(&call.doing, &error))?;
                found.extend(tags);
                page += 1;
                Ok(more.then(|| url(page)))
            },
        )?;
        Ok(found)
    }

    /// Deletes a tag and nothing else.
    pub fn quay_delete(&self, repository: &Repository, tag: &Tag) -> Result<Deletion, RegistryError> {
        let doing = format!("deleting {tag} of {repository} by Quay's API");
        let url = api(repository, &format!("tag/{tag}"));
        let call = Call::new(doing, Access::Delete(repository), Method::Delete, url);
        match expect(&call, self.quay(&call)?, &[200, 204]) {
            Ok(_) => Ok(Deletion::Deleted),
            Err(error) if error.is_absent() => Ok(Deletion::Absent),
            Err(error) => Err(error),
        }
    }

    /// Quay's API has a token of its own, and no challenges.
    fn quay(&self, call: &Call<'_>) -> Result<transfer::Response, RegistryError> {
        let host = call.access.repository().host();
        let origin = endpoint::origin(&call.doing, call.access.repository())?;
        let header = self.settings.quay_token.as_ref().map(Secret::bearer);
        let header = header.map(|secret| Authorization::new(&origin, secret)).transpose();
        let header = header.map_err(|error| RegistryError::malformed(&call.doing, &error))?;
        let response = send(host, &call.doing, &self.request(call, &call.url, header.as_ref()))?;
        match response.status {
            status @ (401 | 403) => Err(RegistryError::Denied {
                doing: call.doing.clone(),
                status,
                detail: String::new(),
                hint: HINT.to_owned(),
            }),
            _ => Ok(response),
        }
    }
}

fn api(repository: &Repository, rest: &str) -> String {
    format!("{}/api/v1/repository/{}/{rest}", endpoint::base(repository), repository.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_as_quay_writes_them() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let text = format!(
            r#"{{"tags":[{{"name":"cache-a-","reversion":false,"start_ts":1700000000,"manifest_digest":"{digest}",
            "is_manifest_list":false,"size":12,"last_modified":"Tue, 14 Nov 2023 22:13:20 -0000"}},
            {{"name":"l","manifest_digest":"{digest}","size":null}}],"page":1,"has_additional":true}}"#
        );
        let (tags, more) = quay_tags(text.as_bytes()).unwrap();
        assert!(more);
        assert_eq!((tags[0].start_ts, tags[0].size), (Some(1_700_000_000), Some(12)));
        assert_eq!((tags[1].name.as_str(), tags[1].size), ("l", None));
    }
}
