//! Lists the tags of a repository, page by page.

use crate::auth::access::Access;
use crate::client::endpoint;
use crate::client::expect::expect;
use crate::client::pages::linked;
use crate::client::{Call, Client};
use crate::error::RegistryError;
use model::oci::{Repository, Tag};
use serde::Deserialize;
use std::collections::BTreeSet;
use transfer::Method;

/// One page of a list of tags.
#[derive(Debug, Deserialize)]
pub struct TagPage {
    /// Go writes an empty list as `null`.
    tags: Option<Vec<Tag>>,
}

impl TagPage {
    /// Reads a page.
    pub fn parse(bytes: &[u8]) -> Result<Vec<Tag>, serde_json::Error> {
        Ok(serde_json::from_slice::<Self>(bytes)?.tags.unwrap_or_default())
    }
}

/// The target of `Link: <…>; rel="next"`, if there is one.
pub fn next_page(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            matches!(parameter.trim().split_once('='), Some((name, value))
                if name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"') == "next")
        });
        is_next.then_some(target)
    })
}

impl Client {
    /// Every tag of a repository, sorted. One that does not exist has none.
    pub fn tags(&self, repository: &Repository) -> Result<BTreeSet<Tag>, RegistryError> {
        let doing = format!("listing the tags of {repository}");
        let url = endpoint::url(repository, "tags/list?n=1000");
        let mut found = BTreeSet::new();
        let call = Call::new(doing, Access::Pull(repository), Method::Get, url);
        self.pages(
            call,
            |call| self.call(call),
            |call, response| {
                if response.status == 404 {
                    return Ok(None);
                }
                let response = expect(call, response, &[200])?;
                let page = TagPage::parse(&response.body);
                found.extend(page.map_err(|error| RegistryError::malformed(&call.doing, &error))?);
                linked(call, &response)
            },
        )?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_the_next_page() {
        assert_eq!(
            next_page(r#"</v2/a/tags/list?last=b&n=1>; rel="next""#),
            Some("/v2/a/tags/list?last=b&n=1")
        );
        assert_eq!(next_page(r#"<a>; rel="prev", <b>;title=x; REL=next"#), Some("b"));
        for header in ["", "<a>", "<a; rel=next", "a; rel=next", r#"<a>; rel="nextish""#] {
            assert_eq!(next_page(header), None, "{header}");
        }
    }

    #[test]
    fn pages() {
        assert_eq!(TagPage::parse(br#"{"name":"a","tags":["x","y"]}"#).unwrap().len(), 2);
        assert!(TagPage::parse(br#"{"name":"a","tags":null}"#).unwrap().is_empty());
        assert!(TagPage::parse(br#"{"tags":["a b"]}"#).is_err());
    }
}
