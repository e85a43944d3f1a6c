//! Who we are to a compiler cache that machines share.

use super::{RemoteCache, RemoteCacheError};
use std::fmt;

/// A name and a password, for one server. Nobody else is told them, and nothing prints them.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The server.
    of: RemoteCache,
    /// As a URL holds it; none where the password is all.
    name: Option<String>,
    password: String,
}

/// The text is no login. What it says is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// It says nobody's.
    #[error("it says no name and no password: write `redis://name:password@host:6379`")]
    Nobody,
    /// A character that a URL writes otherwise.
    #[error("a character that a URL does not hold: write it as `%` and two hexadecimal digits")]
    Characters,
    /// It is for no server.
    #[error("it names no server: {0}")]
    Place(RemoteCacheError),
}

impl Login {
    /// Reads `scheme://[name:]password@host[:port]`, with anything else than letters, digits, `-`, `.`, `_` and `~` as in
    /// URLs.
    pub fn parse(text: &str) -> Result<Self, LoginError> {
        let (scheme, rest) = text.split_once("://").ok_or(LoginError::Nobody)?;
        let (who, server) = rest.rsplit_once('@').ok_or(LoginError::Nobody)?;
        let of = format!("{scheme}://{server}").parse().map_err(LoginError::Place)?;
        let (name, password) = who.split_once(':').unwrap_or(("", who));
        if password.is_empty() {
            return Err(LoginError::Nobody);
        }
        if decode(name).is_none() || decode(password).is_none() {
            return Err(LoginError::Characters);
        }
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Self { of, name, password: password.to_owned() })
    }

    /// Whether it is for this place: same scheme, host and port.
    pub fn is_for(&self, remote: &RemoteCache) -> bool {
        let origin = |remote: &RemoteCache| {
            remote.server().map(|server| (remote.scheme(), server.host.clone(), server.port))
        };
        origin(&self.of).is_some() && origin(&self.of) == origin(remote)
    }

    /// The name, plain.
    pub fn name(&self) -> Option<String> {
        self.name.as_deref().and_then(decode)
    }

    /// The password, plain.
    pub fn password(&self) -> String {
        decode(&self.password).unwrap_or_default()
    }

    /// What stands before the `@` of a URL.
    pub fn written(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}:{}", self.password),
            None => self.password.clone(),
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({})", self.of)
    }
}

/// What percent signs stand for; none where something else should have been written so.
fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let value = digit(bytes.next())? * 16 + digit(bytes.next())?;
                out.push(u8::try_from(value).ok()?);
            }
            _ if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(out).ok().filter(|text| !text.contains(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_for_one_server_and_nothing_prints_it() {
        let login = Login::parse("redis://me:s3%40ret@cache:7000").unwrap();
        assert_eq!((login.name().as_deref(), login.password().as_str()), (Some("me"), "s3@ret"));
        assert_eq!(login.written(), "me:s3%40ret");
        assert_eq!(format!("{login:?}"), "Login(redis://cache:7000)");
        let is_for = |text: &str| login.is_for(&text.parse().unwrap());
        assert!(is_for("redis://cache:7000/2"));
        for other in ["redis://cache", "http://cache:7000", "redis://cache.evil:7000", "github", "s3://cache"]
        {
            assert!(!is_for(other), "{other}");
        }
        assert_eq!(Login::parse("redis://:word@cache").unwrap().written(), "word");
        for text in [
            "",
            "s3cret",
            "redis://cache",
            "redis://me:@cache",
            "redis://a b@c",
            "redis://a%0ab@c",
            "x://s3cret@c",
        ] {
            let error = Login::parse(text).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
