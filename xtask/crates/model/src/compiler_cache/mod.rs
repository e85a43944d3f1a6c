//! The compiler cache that machines share: where it is, and what is believed of it.

mod login;
mod policy;

pub use login::{Login, LoginError};
pub use policy::{RemoteUse, remote_use};

use std::fmt;
use std::str::FromStr;

/// What machines share of their compiler caches.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SharedCompilerCache {
    /// Where it is: `redis://host`, `http://host/path`, `s3://bucket/prefix?endpoint=…&region=…` or `github`. Never with a
    /// name or a password.
    pub remote: RemoteCache,
    /// What is published may be compiled from it: whoever may write it is trusted.
    #[serde(default)]
    pub trusted: bool,
}

/// Where a compiler cache is that machines share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteCache {
    /// A Redis, or what speaks like one.
    Redis(Server),
    /// A server of files that takes GET, PUT and DELETE.
    Http(Server),
    /// A bucket of S3, or of what speaks like it.
    S3(Bucket),
    /// GitHub's cache of the repository whose workflow runs.
    GitHub,
}

/// A server, and where on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The number of a database, or a path; without the slash before it.
    pub path: String,
}

/// A bucket, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What names in it begin with.
    pub prefix: String,
    /// Who has it, where that is not Amazon: `host:port`, or with `https://` before it.
    pub endpoint: Option<String>,
    /// Where it lies.
    pub region: Option<String>,
}

/// The text is no place of a compiler cache. What it says is not repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RemoteCacheError {
    /// It tells a name or a password.
    #[error("the place of a compiler cache with a name or a password in it")]
    Credentials,
    /// It begins with none of those.
    #[error("no kind of compiler cache that machines share")]
    Scheme,
    /// It names no host and port.
    #[error("the place of a compiler cache without a host, or with no port that there is")]
    Host,
    /// It goes on with something else than a path.
    #[error("the place of a compiler cache that goes on with something else than a path")]
    Path,
    /// It names no bucket.
    #[error(
        "the place of a compiler cache without a bucket, or with a setting other than endpoint and region"
    )]
    Bucket,
}

impl RemoteCacheError {
    /// What to write instead.
    pub const HELP: &str = "write `redis://host:6379`, `http://host/path`, `s3://bucket/prefix?endpoint=host&region=r` or `github`; \
         who may use it is told by the environment (docs/cache.md)";
}

impl RemoteCache {
    /// The server, where there is one of ours to ask.
    pub fn server(&self) -> Option<&Server> {
        match self {
            Self::Redis(server) | Self::Http(server) => Some(server),
            Self::S3(_) | Self::GitHub => None,
        }
    }

    fn scheme(&self) -> &'static str {
        match self {
            Self::Redis(_) => "redis",
            Self::Http(_) => "http",
            Self::S3(_) => "s3",
            Self::GitHub => "github",
        }
    }
}

impl Server {
    fn parse(text: &str, port: u16) -> Result<Self, RemoteCacheError> {
        let (authority, path) = text.split_once('/').unwrap_or((text, ""));
        let (host, port) = match authority.split_once(':') {
            Some((host, digits)) => (host, digits.parse().map_err(|_| RemoteCacheError::Host)?),
            None => (authority, port),
        };
        let is_host = !host.is_empty() && is_plain(host, ".-") && !host.starts_with('-');
        if !is_host || port == 0 {
            return Err(RemoteCacheError::Host);
        }
        let is_path = is_plain(path, "._-/~") && !path.split('/').any(|part| part == "..");
        is_path.then_some(()).ok_or(RemoteCacheError::Path)?;
        Ok(Self { host: host.to_owned(), port, path: path.to_owned() })
    }
}

impl Bucket {
    fn parse(text: &str) -> Result<Self, RemoteCacheError> {
        let (place, settings) = text.split_once('?').unwrap_or((text, ""));
        let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
        let mut bucket = Self { name: name.to_owned(), prefix: prefix.to_owned(), ..Self::default() };
        for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
            match setting.split_once('=') {
                Some(("endpoint", value)) => bucket.endpoint = Some(value.to_owned()),
                Some(("region", value)) => bucket.region = Some(value.to_owned()),
                _ => return Err(RemoteCacheError::Bucket),
            }
        }
        let texts = [&bucket.name, &bucket.prefix].into_iter().chain(&bucket.endpoint).chain(&bucket.region);
        let are_plain = texts.into_iter().all(|text| is_plain(text, "._-/:~"));
        if bucket.name.is_empty() || !are_plain {
            return Err(RemoteCacheError::Bucket);
        }
        Ok(bucket)
    }
}

fn is_plain(text: &str, more: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

impl FromStr for RemoteCache {
    type Err = RemoteCacheError;

    fn from_str(text: &str) -> Result<Self, RemoteCacheError> {
        if text.contains('@') {
            return Err(RemoteCacheError::Credentials);
        }
        match text.split_once("://") {
            Some(("redis", rest)) => {
                let server = Server::parse(rest, 6379)?;
                let is_number = server.path.chars().all(|c| c.is_ascii_digit());
                is_number.then_some(Self::Redis(server)).ok_or(RemoteCacheError::Path)
            }
            Some(("http", rest)) => Server::parse(rest, 80).map(Self::Http),
            Some(("s3", rest)) => Bucket::parse(rest).map(Self::S3),
            None if text == "github" => Ok(Self::GitHub),
            _ => Err(RemoteCacheError::Scheme),
        }
    }
}

impl fmt::Display for RemoteCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scheme())?;
        match self {
            Self::Redis(server) | Self::Http(server) => {
                write!(f, "://{}:{}", server.host, server.port)?;
                if server.path.is_empty() { Ok(()) } else { write!(f, "/{}", server.path) }
            }
            Self::S3(bucket) => {
                write!(f, "://{}", bucket.name)?;
                if !bucket.prefix.is_empty() {
                    write!(f, "/{}", bucket.prefix)?;
                }
                let settings = [("endpoint", &bucket.endpoint), ("region", &bucket.region)];
                let settings = settings.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
                settings
                    .zip(["?", "&"])
                    .try_for_each(|((key, value), before)| write!(f, "{before}{key}={value}"))
            }
            Self::GitHub => Ok(()),
        }
    }
}

written_as_text!(RemoteCache);
text_schema!(RemoteCache, "compiler-cache");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_as_they_are_written() {
        for (text, told) in [
            ("redis://cache.example", "redis://cache.example:6379"),
            ("redis://10.0.0.7:7000/2", "redis://10.0.0.7:7000/2"),
            ("http://cache/ccache", "http://cache:80/ccache"),
            ("s3://objects/team/a", "s3://objects/team/a"),
            ("s3://objects?region=eu-1&endpoint=minio:9000", "s3://objects?endpoint=minio:9000&region=eu-1"),
            ("github", "github"),
        ] {
            let remote: RemoteCache = text.parse().unwrap();
            assert_eq!(remote.to_string(), told);
            assert_eq!(told.parse(), Ok(remote));
        }
    }

    #[test]
    fn what_is_no_place_is_refused_and_not_repeated() {
        for (text, error) in [
            ("redis://me:s3cret@cache", RemoteCacheError::Credentials),
            ("http://s3cret@cache/", RemoteCacheError::Credentials),
            ("https://cache", RemoteCacheError::Scheme),
            ("cache:6379", RemoteCacheError::Scheme),
            ("redis://", RemoteCacheError::Host),
            ("redis://cache:0", RemoteCacheError::Host),
            ("redis://cache:70000", RemoteCacheError::Host),
            ("redis://cache|shards=a", RemoteCacheError::Host),
            ("redis://cache/x", RemoteCacheError::Path),
            ("http://cache/../x", RemoteCacheError::Path),
            ("http://cache/a b", RemoteCacheError::Path),
            ("s3://", RemoteCacheError::Bucket),
            ("s3://objects?secret=s3cret", RemoteCacheError::Bucket),
        ] {
            assert_eq!(text.parse::<RemoteCache>(), Err(error), "{text}");
            assert!(!error.to_string().contains("s3cret"));
        }
    }
}
