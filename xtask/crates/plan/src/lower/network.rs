//! How build steps reach a network: settings that may hold credentials, and so stand in no layer and in no key.

use super::bake::{Secret, Target};
use camino::Utf8PathBuf;
use std::collections::BTreeMap;

/// Build arguments that BuildKit knows by itself, and keeps out of every layer's key.
pub const PROXIES: [&str; 8] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "no_proxy",
];

/// Variables that the templates hand to the steps as secrets, where they are set.
pub const SECRETS: [&str; 13] = [
    "CARGO_HTTP_CAINFO",
    "CCACHE_REMOTE_STORAGE",
    "CCACHE_SECONDARY_STORAGE",
    "CURL_CA_BUNDLE",
    "GONOSUMDB",
    "GOPROXY",
    "GOSUMDB",
    "PIP_CERT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_INDEX_URL",
    "SSL_CERT_FILE",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
];

/// Those of [`SECRETS`] whose value is where a bundle of certificates lies: inside of a build, at [`CA_FILE`].
pub const CA_VARIABLES: [&str; 4] = ["CARGO_HTTP_CAINFO", "CURL_CA_BUNDLE", "PIP_CERT", "SSL_CERT_FILE"];

/// Where the templates mount the bundle of certificates, the secret `ca`.
pub const CA_FILE: &str = "/run/secrets/ca.pem";

/// How build steps reach a network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// Those of [`PROXIES`] that are set.
    pub proxies: BTreeMap<String, String>,
    /// What is handed on.
    pub secrets: Vec<Secret>,
}

impl Network {
    /// Gives a target what its steps need.
    pub fn apply(&self, target: &mut Target) {
        target.args.extend(self.proxies.clone());
        target.secrets.extend(self.secrets.iter().cloned());
    }

    /// The files that builders read for it.
    pub fn files(&self) -> impl Iterator<Item = Utf8PathBuf> {
        self.secrets.iter().filter_map(Secret::file).map(Utf8PathBuf::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const TEMPLATES: [&str; 7] = [
        include_str!("../../../../../docker/Dockerfile.base-grpc-builder"),
        include_str!("../../../../../docker/Dockerfile.golang"),
        include_str!("../../../../../docker/Dockerfile.llama-cpp"),
        include_str!("../../../../../docker/Dockerfile.python"),
        include_str!("../../../../../docker/Dockerfile.root"),
        include_str!("../../../../../docker/Dockerfile.rust"),
        include_str!("../../../../../docker/Dockerfile.script"),
    ];

    #[test]
    fn the_templates_mount_these_secrets_and_require_none() {
        let mut mounted = BTreeSet::new();
        for line in TEMPLATES.iter().flat_map(|text| text.lines()) {
            let Some((_, rest)) = line.split_once("--mount=type=secret,id=") else { continue };
            assert!(rest.contains(",required=false"), "{line}");
            let id = rest.split(',').next().unwrap();
            let place = if id == "ca" { format!("target={CA_FILE}") } else { format!("env={id}") };
            assert!(rest.contains(&place), "{line}");
            mounted.insert(id.to_owned());
        }
        let known: BTreeSet<String> = SECRETS.into_iter().chain(["ca"]).map(str::to_owned).collect();
        assert_eq!(mounted, known);
        assert!(CA_VARIABLES.iter().all(|name| SECRETS.contains(name)));
    }

    #[test]
    fn whatever_installs_dependencies_does_so_in_the_same_words() {
        let install = |text: &str| {
            let from = text.find("RUN --mount=type=bind,from=steps,source=install.sh").unwrap();
            text[from..].split_inclusive("]\n").next().unwrap().to_owned()
        };
        let scripts: BTreeSet<String> = TEMPLATES.iter().map(|text| install(text)).collect();
        assert_eq!(scripts.len(), 1, "{scripts:#?}");
    }
}
