//! URLs of a registry.

use plan::oci::{Pointer, Repository};

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

/// A `Location` or `Link` as an absolute URL.
pub(crate) fn absolute(repository: &Repository, location: &str) -> String {
    if location.starts_with("http://") || location.starts_with("https://") {
        location.to_owned()
    } else {
        format!("{}/{}", base(repository), location.trim_start_matches('/'))
    }
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
        assert_eq!(absolute(&at("q.io/x"), "/v2/y?a=b"), "https://q.io/v2/y?a=b");
        assert_eq!(absolute(&at("q.io/x"), "https://cdn/x"), "https://cdn/x");
    }
}
