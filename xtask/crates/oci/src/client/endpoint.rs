//! URLs of a registry.

use crate::error::RegistryError;
use model::oci::{Pointer, Repository};
use transfer::{Response, Url};

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

/// Where a `Location` or `Link` of an answer leads.
pub(crate) fn linked(doing: &str, response: &Response, link: &str) -> Result<String, RegistryError> {
    let url = response.url.join(link).map_err(|error| RegistryError::malformed(doing, &error))?;
    Ok(url.as_str().to_owned())
}

/// Is it the registry itself that a URL leads to?
pub(crate) fn is_own(repository: &Repository, url: &str) -> bool {
    let (own, other) = (Url::parse(&base(repository)), Url::parse(url));
    own.is_ok_and(|own| other.is_ok_and(|other| own.origin() == other.origin()))
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
        assert!(is_own(&at("q.io/x"), "https://q.io:443/v2/y?a=b"));
        for other in ["http://q.io/", "https://q.io:81/", "https://cdn.q.io/", "/v2/"] {
            assert!(!is_own(&at("q.io/x"), other), "{other}");
        }
    }
}
