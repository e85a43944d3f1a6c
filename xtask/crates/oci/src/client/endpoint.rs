//! URLs of a registry.

use crate::error::RegistryError;
use crate::repository::tags;
use model::oci::{Pointer, Repository};
use transfer::{Origin, Response, Url, redact};

/// Scheme and host of a repository's API. This machine is spoken to without TLS, as docker does.
pub(crate) fn base(repository: &Repository) -> String {
    let scheme = if repository.is_loopback() { "http" } else { "https" };
    let host = match repository.host() {
        "docker.io" => "registry-1.docker.io",
        host => host,
    };
    format!("{scheme}://{host}")
}

/// The URL of something within a repository.
pub(crate) fn url(repository: &Repository, rest: &str) -> String {
    format!("{}/v2/{}/{rest}", base(repository), repository.path())
}

/// The URL of a manifest.
pub(crate) fn manifest(repository: &Repository, pointer: &Pointer) -> String {
    url(repository, &format!("manifests/{pointer}"))
}

/// Where a link of an answer leads, which is not followed out of encryption. The flag says whether it is the registry
/// that is spoken to there, and it alone that said so.
pub(crate) fn linked(doing: &str, response: &Response, link: &str) -> Result<(String, bool), RegistryError> {
    let url = response.url.join(link).map_err(|error| RegistryError::malformed(doing, &error))?;
    let (from, to) = (response.url.origin(), url.origin());
    if from.is_encrypted() && !to.is_encrypted() {
        let reason = format!("it leads to {url}, which is not encrypted");
        return Err(RegistryError::malformed(doing, &reason));
    }
    Ok((url.as_str().to_owned(), response.own && from == to))
}

/// Where the next page of a list is. A list is the registry's own, to its last page.
pub(crate) fn next_page(doing: &str, response: &Response) -> Result<Option<String>, RegistryError> {
    let Some(link) = response.headers.all("link").find_map(tags::next_page) else { return Ok(None) };
    match linked(doing, response, link)? {
        (url, true) => Ok(Some(url)),
        (url, false) => {
            let reason = format!("its next page is somebody else's ({}), who is not asked", redact(&url));
            Err(RegistryError::malformed(doing, &reason))
        }
    }
}

/// Whom the credentials of a repository belong to.
pub(crate) fn origin(doing: &str, repository: &Repository) -> Result<Origin, RegistryError> {
    let url = Url::parse(&base(repository)).map_err(|error| RegistryError::malformed(doing, &error))?;
    Ok(url.origin().clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let at = |text: &str| text.parse::<Repository>().unwrap();
        assert_eq!(
            url(&at("ubuntu"), "tags/list"),
            "https://registry-1.docker.io/v2/library/ubuntu/tags/list"
        );
        assert_eq!(base(&at("127.0.0.1:5000/x")), "http://127.0.0.1:5000");
        let own = origin("asking", &at("q.io/x")).unwrap();
        assert_eq!(&own, Url::parse("https://q.io:443/v2/y?a=b").unwrap().origin());
    }

    #[test]
    fn links_stay_encrypted() {
        let response = |from: &str, own| Response {
            status: 202,
            headers: transfer::Headers::default(),
            body: Vec::new(),
            url: Url::parse(from).unwrap(),
            own,
        };
        let secure = response("https://q.io/v2/x", true);
        let leads = |link: &str| linked("writing", &secure, link);
        assert_eq!(leads("/v2/y").unwrap(), ("https://q.io/v2/y".to_owned(), true));
        assert_eq!(leads("https://cdn.q.io/y").unwrap(), ("https://cdn.q.io/y".to_owned(), false));
        let error = leads("http://q.io/y?token=s3cret").unwrap_err().to_string();
        assert!(error.contains("not encrypted") && !error.contains("s3cret"), "{error}");
        assert!(!linked("writing", &response("https://q.io/", false), "/y").unwrap().1);
    }
}
