//! The compiler cache that machines share, as ccache and sccache are told of it.
//!
//! Nothing of it is in a plan or in a key, for it cannot change what is compiled; and no argument and no log holds who we
//! are to it.

mod probe;

pub use probe::{Silence, ask};

use model::compiler_cache::{Login, RemoteCache};
use std::collections::BTreeMap;
use std::fmt;

/// What each call of ccache waits for a connection and for an answer, in milliseconds: it asks anew for every file.
const CONNECT: u32 = 100;
const ANSWER: u32 = 1000;
/// Variables of Amazon's and GitHub's that only sccache's server is told.
const AMAZON: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
const GITHUB: [&str; 4] =
    ["ACTIONS_RESULTS_URL", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_CACHE_URL", "ACTIONS_CACHE_SERVICE_V2"];

/// The variable that says who we are to it.
pub const CREDENTIALS: &str = "XTASK_COMPILER_CACHE_CREDENTIALS";
/// The variables by which ccache learns of it: the second is what it was called before 4.7.
pub const CCACHE: [&str; 2] = ["CCACHE_REMOTE_STORAGE", "CCACHE_SECONDARY_STORAGE"];
/// The first sccache that asks its own disk before another machine, and that can be kept from writing.
pub const SCCACHE: (u32, u32) = (0, 16);

/// A compiler cache that machines share, and what we are to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Where it is.
    pub place: RemoteCache,
    /// Who we are, if anybody.
    pub login: Option<Login>,
    /// Whether nothing is written to it.
    pub read_only: bool,
}

impl Remote {
    /// What ccache's `remote_storage` says; none for what ccache does not speak.
    pub fn ccache(&self) -> Option<String> {
        let (scheme, server) = match &self.place {
            RemoteCache::Redis(server) => ("redis", server),
            RemoteCache::Http(server) => ("http", server),
            RemoteCache::S3(_) | RemoteCache::GitHub => return None,
        };
        let who = self.login.as_ref().map_or_else(String::new, |login| format!("{}@", login.written()));
        let path = if server.path.is_empty() { String::new() } else { format!("/{}", server.path) };
        let read_only = if self.read_only { "|read-only" } else { "" };
        Some(format!(
            "{scheme}://{who}{}:{}{path}|connect-timeout={CONNECT}|operation-timeout={ANSWER}{read_only}",
            server.host, server.port
        ))
    }

    /// The variables of a server of sccache; none for what sccache does not speak, or not as ccache does. `user` tells the
    /// user's own variables.
    pub fn sccache(&self, user: impl Fn(&str) -> Option<String>) -> Option<BTreeMap<String, String>> {
        let mut all = BTreeMap::new();
        let mut set = |name: &str, value: &str| drop(all.insert(name.to_owned(), value.to_owned()));
        let kind = match &self.place {
            RemoteCache::Redis(server) => {
                set("SCCACHE_REDIS_ENDPOINT", &format!("redis://{}:{}", server.host, server.port));
                if !server.path.is_empty() {
                    set("SCCACHE_REDIS_DB", &server.path);
                }
                if let Some(login) = &self.login {
                    if let Some(name) = login.name() {
                        set("SCCACHE_REDIS_USERNAME", &name);
                    }
                    set("SCCACHE_REDIS_PASSWORD", &login.password());
                }
                "redis"
            }
            RemoteCache::S3(bucket) => {
                set("SCCACHE_BUCKET", &bucket.name);
                if !bucket.prefix.is_empty() {
                    set("SCCACHE_S3_KEY_PREFIX", &bucket.prefix);
                }
                if let Some(endpoint) = &bucket.endpoint {
                    let is_plain = endpoint.starts_with("http://");
                    set("SCCACHE_ENDPOINT", endpoint);
                    set("SCCACHE_S3_USE_SSL", if is_plain { "false" } else { "true" });
                }
                set("SCCACHE_REGION", bucket.region.as_deref().unwrap_or("auto"));
                let known = AMAZON.iter().filter_map(|name| Some((*name, user(name)?)));
                let known: Vec<(&str, String)> = known.collect();
                if known.is_empty() {
                    set("SCCACHE_S3_NO_CREDENTIALS", "true");
                }
                for (name, value) in &known {
                    set(name, value);
                }
                "s3"
            }
            RemoteCache::GitHub => {
                set("SCCACHE_GHA_ENABLED", "true");
                for name in GITHUB {
                    if let Some(value) = user(name) {
                        set(name, &value);
                    }
                }
                "gha"
            }
            RemoteCache::Http(_) => return None,
        };
        set("SCCACHE_MULTILEVEL_CHAIN", &format!("disk,{kind}"));
        set("SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY", "ignore");
        if self.read_only {
            set(&format!("SCCACHE_{}_RW_MODE", kind.to_uppercase()), "READ_ONLY");
        }
        Some(all)
    }
}

/// Where it is, and nothing of who we are.
impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(place: &str, login: Option<&str>, read_only: bool) -> Remote {
        Remote {
            place: place.parse().unwrap(),
            login: login.map(|text| Login::parse(text).unwrap()),
            read_only,
        }
    }

    #[test]
    fn ccache_is_told_in_one_line() {
        let redis = remote("redis://cache/2", Some("redis://me:s3cret@cache"), true);
        let told = redis.ccache().unwrap();
        assert_eq!(
            told,
            "redis://me:s3cret@cache:6379/2|connect-timeout=100|operation-timeout=1000|read-only"
        );
        assert_eq!(redis.to_string(), "redis://cache:6379/2");
        assert!(!format!("{redis:?}").contains("s3cret"));
        let http = remote("http://cache/ccache", Some("http://:word@cache"), false).ccache().unwrap();
        assert_eq!(http, "http://word@cache:80/ccache|connect-timeout=100|operation-timeout=1000");
        assert_eq!(remote("github", None, false).ccache(), None);
        assert_eq!(remote("s3://bucket", None, false).ccache(), None);
    }

    #[test]
    fn sccache_is_told_by_variables() {
        let user = |name: &str| name.starts_with('A').then(|| format!("user's {name}"));
        let told = |remote: Remote| {
            let all = remote.sccache(user).unwrap();
            all.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        assert_eq!(
            told(remote("redis://cache/2", Some("redis://me:s3%40ret@cache"), true)),
            [
                "SCCACHE_MULTILEVEL_CHAIN=disk,redis",
                "SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY=ignore",
                "SCCACHE_REDIS_DB=2",
                "SCCACHE_REDIS_ENDPOINT=redis://cache:6379",
                "SCCACHE_REDIS_PASSWORD=s3@ret",
                "SCCACHE_REDIS_RW_MODE=READ_ONLY",
                "SCCACHE_REDIS_USERNAME=me",
            ]
        );
        assert_eq!(
            told(remote("s3://objects/team?endpoint=minio:9000&region=eu", None, true)),
            [
                "AWS_ACCESS_KEY_ID=user's AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY=user's AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN=user's AWS_SESSION_TOKEN",
                "SCCACHE_BUCKET=objects",
                "SCCACHE_ENDPOINT=minio:9000",
                "SCCACHE_MULTILEVEL_CHAIN=disk,s3",
                "SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY=ignore",
                "SCCACHE_REGION=eu",
                "SCCACHE_S3_KEY_PREFIX=team",
                "SCCACHE_S3_RW_MODE=READ_ONLY",
                "SCCACHE_S3_USE_SSL=true",
            ]
        );
        let github = told(remote("github", None, false));
        assert_eq!(github.len(), GITHUB.len() + 3, "{github:?}");
        assert!(github.contains(&"SCCACHE_MULTILEVEL_CHAIN=disk,gha".to_owned()));
        assert_eq!(remote("http://cache", None, false).sccache(user), None);
    }
}
