//! Repositories: a registry's host and a path in it.

use super::ParseError;
use std::fmt;

/// A repository, such as `quay.io/go-skynet/ci-cache`; short names are those of docker.io, as docker reads them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    host: String,
    path: String,
}

const WHAT: &str = "an image repository";
/// Docker's limit on host and path together.
const LONGEST: usize = 255;
/// The registry of names without a host.
const DOCKER: &str = "docker.io";

written_as_text!(Repository);

impl Repository {
    /// The registry as people write it: `docker.io`, `quay.io`, `127.0.0.1:5000`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path within the registry, always with docker.io's `library/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Does the host name this machine? Such registries are spoken to without TLS, as docker does.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Docker's rule for what is a host: it has a dot or a port, is `localhost`, or has a capital letter.
    fn split(text: &str) -> (Option<&str>, &str) {
        match text.split_once('/') {
            Some((first, rest))
                if first.contains(['.', ':', '['])
                    || first == "localhost"
                    || first.contains(|c: char| c.is_ascii_uppercase()) =>
            {
                (Some(first), rest)
            }
            _ => (None, text),
        }
    }
}

impl std::str::FromStr for Repository {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (host, path) = Self::split(text);
        let offset = text.len() - path.len();
        check_path(path).map_err(|error| error.within(WHAT, text, offset))?;
        let host = match host {
            None | Some("index.docker.io" | "registry-1.docker.io") => DOCKER,
            Some(host) => {
                check_host(host).map_err(|error| error.within(WHAT, text, 0))?;
                host
            }
        };
        let path =
            if host == DOCKER && !path.contains('/') { format!("library/{path}") } else { path.to_owned() };
        if host.len() + 1 + path.len() > LONGEST {
            return Err(ParseError::new(WHAT, text, LONGEST, "the end: at most 255 characters"));
        }
        Ok(Self { host: host.to_owned(), path })
    }
}

/// Does a host, with or without a port, name this machine?
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Components of lower-case letters and digits, separated by `.`, `_`, `__` or any number of `-`.
fn check_path(path: &str) -> Result<(), ParseError> {
    let wrong = |at, expected| Err(ParseError::new(WHAT, path, at, expected));
    let alphanumeric = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut offset = 0;
    for component in path.split('/') {
        let bytes = component.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let run = bytes[at..].iter().take_while(|c| alphanumeric(**c)).count();
            if run == 0 {
                return wrong(offset + at, "a lower-case letter or a digit");
            }
            at += run;
            let rest = component.get(at..).unwrap_or_default();
            let separator = match rest.as_bytes() {
                [] => break,
                [b'_', b'_', ..] => 2,
                [b'.' | b'_', ..] => 1,
                [b'-', ..] => rest.bytes().take_while(|c| *c == b'-').count(),
                _ => return wrong(offset + at, "a lower-case letter, a digit, `.`, `_`, `-` or `/`"),
            };
            at += separator;
            if at == bytes.len() {
                return wrong(offset + at, "a lower-case letter or a digit");
            }
        }
        if bytes.is_empty() {
            return wrong(offset, "a lower-case letter or a digit");
        }
        offset += bytes.len() + 1;
    }
    Ok(())
}

/// A domain name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port.
fn check_host(host: &str) -> Result<(), ParseError> {
    let wrong = |at, expected| Err(ParseError::new(WHAT, host, at, expected));
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else {
                return wrong(host.len(), "`]` behind an IPv6 address");
            };
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return wrong(1, "an IPv6 address");
            }
            ("", port)
        }
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let start = host.len() - port.len();
    if let Some(digits) = port.strip_prefix(':') {
        if digits.is_empty() || digits.bytes().any(|c| !c.is_ascii_digit()) || digits.parse::<u16>().is_err()
        {
            return wrong(start + 1, "a port number");
        }
    } else if !port.is_empty() {
        return wrong(start, "`:` and a port number, or the end");
    }
    if host.starts_with('[') {
        return Ok(());
    }
    let mut offset = 0;
    for label in name.split('.') {
        if let Some(at) = label.find(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            return wrong(offset + at, "a letter, a digit or `-` in a host name");
        }
        if label.is_empty() || label.starts_with('-') {
            return wrong(offset, "a letter or a digit");
        }
        if label.ends_with('-') {
            return wrong(offset + label.len(), "a letter or a digit");
        }
        offset += label.len() + 1;
    }
    Ok(())
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_docker_reads_them() {
        for (text, host, path) in [
            ("ubuntu", "docker.io", "library/ubuntu"),
            ("docker.io/ubuntu", "docker.io", "library/ubuntu"),
            ("index.docker.io/a/b", "docker.io", "a/b"),
            ("localai/localai-backends", "docker.io", "localai/localai-backends"),
            ("quay.io/go-skynet/ci-cache", "quay.io", "go-skynet/ci-cache"),
            ("localhost/x", "localhost", "x"),
            ("127.0.0.1:5000/a__b/c-----d.e_f", "127.0.0.1:5000", "a__b/c-----d.e_f"),
            ("[::1]:5000/x", "[::1]:5000", "x"),
            ("Host/x", "Host", "x"),
            ("nvcr.io/nvidia/l4t-jetpack", "nvcr.io", "nvidia/l4t-jetpack"),
        ] {
            let repository: Repository = text.parse().unwrap();
            assert_eq!((repository.host(), repository.path()), (host, path), "{text}");
            assert_eq!(repository.to_string().parse::<Repository>().unwrap(), repository);
        }
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        for (text, at) in [
            ("", 0),
            ("a//b", 2),
            ("a/B", 2),
            ("a/", 2),
            ("a..b", 2),
            ("a___b", 3),
            ("a-", 2),
            ("a b", 1),
            ("aé", 1),
            ("quay.io/", 8),
            ("quay.io:/x", 8),
            ("quay.io:99999/x", 8),
            ("-x.io/y", 0),
            ("a_b.io/y", 1),
            ("[::1/x", 4),
            ("[zz]/x", 1),
            ("https://quay.io/x", 7),
        ] {
            assert_eq!(text.parse::<Repository>().unwrap_err().at(), at, "{text}");
        }
        assert!(format!("quay.io/{}", "x".repeat(247)).parse::<Repository>().is_ok());
        assert!(format!("quay.io/{}", "x".repeat(248)).parse::<Repository>().is_err());
    }

    #[test]
    fn loopback_is_recognised() {
        for (text, is) in [
            ("localhost:5000/x", true),
            ("127.1.2.3/x", true),
            ("[::1]:80/x", true),
            ("10.0.0.1:5000/x", false),
            ("localhost.example.org/x", false),
            ("x", false),
        ] {
            assert_eq!(text.parse::<Repository>().unwrap().is_loopback(), is, "{text}");
        }
    }
}
