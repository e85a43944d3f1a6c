//! URLs, and the origins that credentials belong to.

use crate::authorization::Authorization;
use crate::encode::decode;
use crate::error::TransferError;
use crate::redact::redact;
use crate::secret::Secret;
use std::fmt;
use std::net::IpAddr;
use ureq::http::Uri;

/// Who is spoken to: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    encrypted: bool,
    host: String,
    port: u16,
}

/// An `http` or `https` URL. It prints without its user and its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Without user and fragment.
    text: String,
    origin: Origin,
    credentials: Option<Authorization>,
}

impl Origin {
    /// Is what is said readable for nobody else?
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Is it this machine?
    pub fn is_loopback(&self) -> bool {
        let address = |host: &str| host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        self.host == "localhost" || self.host.ends_with(".localhost") || address(self.host())
    }

    /// The host, an address of IP version 6 without its brackets.
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Host and port, as CONNECT wants them.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl Url {
    /// Reads a URL.
    pub fn parse(text: &str) -> Result<Self, TransferError> {
        // A space would end what is hidden.
        let value = || redact(&text.replace(char::is_whitespace, "%20"));
        Self::read(text).ok_or_else(|| TransferError::Unusable { what: "URL", value: value() })
    }

    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split('#').next()?.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let encrypted = match scheme.as_str() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, authority),
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        let text = format!("{scheme}://{authority}{slash}{path}");
        let uri: Uri = text.parse().ok()?;
        let host = uri.host().filter(|host| !host.is_empty())?.to_ascii_lowercase();
        let port = match authority.strip_prefix(uri.host()?)? {
            "" if encrypted => 443,
            "" => 80,
            port => port.strip_prefix(':')?.parse().ok()?,
        };
        let origin = Origin { encrypted, host, port };
        let credentials = user.and_then(credentials).map(|value| Authorization::as_written(&origin, value));
        Some(Self { text, origin, credentials })
    }

    /// Where a link of an answer from here leads.
    pub fn join(&self, link: &str) -> Result<Self, TransferError> {
        Self::parse(&join(&self.text, link))
    }

    /// Who is asked.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The text on the wire, without user and fragment.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Does it say who asks?
    pub fn has_user(&self) -> bool {
        self.credentials.is_some()
    }

    /// The `Authorization` of the user in it.
    pub(crate) fn credentials(&self) -> Option<&Authorization> {
        self.credentials.as_ref()
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact(&self.text))
    }
}

/// `user:password` as it stands in URLs.
pub(crate) fn credentials(user: &str) -> Option<Secret> {
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    Some(Secret::basic(&decode(user)?, &Secret::new(decode(password)?)))
}

/// Resolves a link of the page at `base`: absolute, or relative in any way.
pub fn join(base: &str, link: &str) -> String {
    let absolute = link.find([':', '/', '?']).is_some_and(|at| link[at..].starts_with(':'));
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    let host = &rest[..rest.find('/').unwrap_or(rest.len())];
    let path = rest[host.len()..].split('?').next().unwrap_or_default();
    let (link, query) = link.split_at(link.find('?').unwrap_or(link.len()));
    if absolute {
        return format!("{link}{query}");
    }
    if let Some(link) = link.strip_prefix("//") {
        return format!("{scheme}://{link}{query}");
    }
    let path = match link {
        "" => path.to_owned(),
        link if link.starts_with('/') => link.to_owned(),
        link => format!("{}{link}", path.rfind('/').map_or("/", |at| &path[..=at])),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    format!("{scheme}://{host}/{}{query}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn parts() {
        let whole = url("HTTPS://u%40:p:w@Host:81?q=1#f");
        assert_eq!(whole.as_str(), "https://Host:81/?q=1");
        assert_eq!(whole.to_string(), "https://Host:81/?***");
        // u@:p:w
        let shown = whole.credentials().and_then(|shown| shown.value_for(whole.origin()));
        assert_eq!(shown, Some(&Secret::new("Basic dUA6cDp3")));
        assert_eq!(whole.origin().authority(), "host:81");
        assert_eq!(url("http://[::1]:5/x").origin().host(), "::1");
        for text in
            ["", "ftp://h/", "http://", "http://h/a b", "http:///x", "//h/x", "http://h:x/", "http://a@/"]
        {
            assert!(Url::parse(text).is_err(), "{text}");
        }
        let error = Url::parse("http://u:s3cret@h/a b?s3cret").unwrap_err().to_string();
        assert!(error.contains("is no URL") && !error.contains("s3cret"), "{error}");
    }

    #[test]
    fn origins() {
        assert_eq!(url("http://a/x").origin(), url("http://u@A:80/y").origin());
        for other in ["https://a/x", "http://b/x", "http://a:81/x"] {
            assert_ne!(url("http://a/x").origin(), url(other).origin());
        }
        for (text, is) in
            [("http://127.9.9.9/", true), ("http://[::1]/", true), ("http://x.localhost/", true)]
        {
            assert_eq!(url(text).origin().is_loopback(), is, "{text}");
        }
        assert!(!url("http://localhost.example/").origin().is_loopback());
    }

    #[test]
    fn links_lead_where_the_specification_says() {
        for (link, wanted) in [
            ("/a/b", "https://h/a/b"),
            ("b", "https://h/simple/x/b"),
            ("../../../../b?c=../d", "https://h/b?c=../d"),
            ("./b:c", "https://h/simple/x/b:c"),
            ("?n=2", "https://h/simple/x/?n=2"),
            ("", "https://h/simple/x/"),
            ("//g/b", "https://g/b"),
            ("http://g/../b?u=http://x", "http://g/../b?u=http://x"),
        ] {
            assert_eq!(url("https://u:p@h/simple/x/?q=a/b").join(link).unwrap().as_str(), wanted);
        }
        assert!(url("https://h/").join("file:///etc/passwd").is_err());
    }
}
