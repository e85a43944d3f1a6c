//! The environments of commands: a sealed one for all that is in a key, and the user's own for the user's own clients.

use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// The user's variables that commands see: how to reach a network. What comes over it is known by digests, by locks, or
/// by the index's name in the key.
const NETWORK: [&str; 18] = [
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "CARGO_HTTP_CAINFO",
    "GIT_SSL_CAINFO",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "GOPROXY",
    "GONOSUMDB",
    "GOSUMDB",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
];

/// What every command gets, whoever runs it.
const FIXED: [(&str, &str); 3] = [
    // Messages and sorting must not follow the user's language; timestamps must not follow the clock.
    ("LC_ALL", "C.UTF-8"),
    ("TZ", "UTC"),
    ("SOURCE_DATE_EPOCH", "0"),
];

/// Configuration that tools look for outside of their home: of the system, or in any directory above.
///
/// Cargo knows no such switch: it is run in the root directory, where what lies above a build is not looked at.
const SWITCHED_OFF: [(&str, &str); 12] = [
    ("GOENV", "off"),
    ("GOWORK", "off"),
    ("GOTOOLCHAIN", "local"),
    ("UV_NO_CONFIG", "1"),
    ("UV_PYTHON_DOWNLOADS", "never"),
    ("PIP_CONFIG_FILE", "/dev/null"),
    ("PYTHONNOUSERSITE", "1"),
    ("CCACHE_CONFIGPATH", "/dev/null"),
    ("SCCACHE_CONF", "/dev/null"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("CURL_HOME", "/nonexistent"),
];

/// Keeps package managers off the network: what they cannot find in their caches, they miss at once.
const OFFLINE: [(&str, &str); 3] = [("CARGO_NET_OFFLINE", "true"), ("GOPROXY", "off"), ("UV_OFFLINE", "1")];

/// Programs of the distribution. What a user puts before them on PATH is not what the key's packages are of.
pub const SYSTEM_PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// What the steps of a build see, and the probes that say what they run: homes of their own, no configuration of the
/// user or the system, the distribution's programs and those that were resolved for it.
#[derive(Debug, Clone)]
pub struct Sealed {
    home: Utf8PathBuf,
    variables: BTreeMap<String, String>,
}

impl Sealed {
    /// One with its homes below `home` and the programs that lie in `programs`; `user` tells the user's variables.
    pub fn new(home: &Utf8Path, programs: &Utf8Path, user: impl Fn(&str) -> Option<String>) -> Self {
        let mut variables = network(user);
        variables.extend(owned(&SWITCHED_OFF));
        variables.insert("HOME".to_owned(), home.to_string());
        for (name, below) in HOMES {
            variables.insert(name.to_owned(), home.join(below).into_string());
        }
        variables.insert("PATH".to_owned(), format!("{programs}:{SYSTEM_PATH}"));
        // A repository that encloses the build is not the build's.
        let above = home.parent().unwrap_or(home);
        variables.insert("GIT_CEILING_DIRECTORIES".to_owned(), above.to_string());
        Self { home: home.to_owned(), variables }
    }

    /// The same without a network.
    #[must_use]
    pub fn offline(mut self) -> Self {
        self.variables.extend(owned(&OFFLINE));
        self
    }

    /// Makes its homes.
    pub fn make(&self) -> std::io::Result<()> {
        HOMES.iter().try_for_each(|(_, below)| fs_err::create_dir_all(self.home.join(below)))
    }

    /// All variables.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }
}

/// Where programs keep what is theirs, below their home.
const HOMES: [(&str, &str); 6] = [
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_STATE_HOME", "state"),
    ("XDG_CONFIG_DIRS", "none"),
    ("TMPDIR", "tmp"),
];

/// Where things are in the user's home, and which of them are meant.
const HOME: [&str; 9] = [
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "PIP_INDEX_URL",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
];

/// The environment of commands that make the machine ready, or compile what this program needs itself: in the user's home,
/// whose settings say how to reach a network.
pub fn at_home() -> BTreeMap<String, String> {
    let mut all = network(variable);
    all.extend(HOME.iter().filter_map(|name| Some(((*name).to_owned(), variable(name)?))));
    all
}

/// All of the user's variables that are text, for clients that are the user's own.
pub fn users() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// One of the user's variables, if it is set to text that is not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn network(user: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let mut all = owned(&FIXED);
    all.extend(NETWORK.iter().filter_map(|name| Some(((*name).to_owned(), user(name)?))));
    all
}

fn owned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_environment_holds_nothing_of_the_user_but_the_way_to_a_network() {
        let user = |name: &str| Some(format!("user's {name}"));
        let sealed = Sealed::new("/w/home".into(), "/w/bin".into(), user);
        let told = |value: &String| value.starts_with("user's ");
        let passed: Vec<&str> = sealed
            .variables()
            .iter()
            .filter(|(_, value)| told(value))
            .map(|(name, _)| name.as_str())
            .collect();
        let mut network = NETWORK.to_vec();
        network.sort_unstable();
        assert_eq!(passed, network);
        assert_eq!(sealed.variables()["PATH"], "/w/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        assert_eq!(sealed.variables()["HOME"], "/w/home");
        assert_eq!(sealed.variables()["GIT_CEILING_DIRECTORIES"], "/w");
    }
}
