//! The environment of a build: a short list taken from the user's, the same on every machine otherwise.

use std::collections::BTreeMap;

/// Variables that builds may see: where things are, how to reach a network, and nothing that shapes an output.
const PASSED: [&str; 27] = [
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "GOPROXY",
    "GONOSUMDB",
    "GOSUMDB",
    "GOFLAGS",
    // Which Rust is behind rustup's names: the key has its version.
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "CARGO_HTTP_CAINFO",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
];

/// The variables every build command starts from.
pub fn base() -> BTreeMap<String, String> {
    let mut base: BTreeMap<String, String> =
        PASSED.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
    // Messages and sorting must not follow the user's language; timestamps must not follow the clock.
    base.insert("LC_ALL".to_owned(), "C.UTF-8".to_owned());
    base.insert("TZ".to_owned(), "UTC".to_owned());
    base.insert("SOURCE_DATE_EPOCH".to_owned(), "0".to_owned());
    base
}

/// All of the user's variables that are text, for clients that are the user's own.
pub fn users() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
