//! The `Authorization` header of a request, and the tokens behind it.

use crate::auth::access::Access;
use crate::auth::challenge::Challenge;
use crate::auth::credentials::Credentials;
use crate::auth::docker;
use crate::auth::host::Token;
use crate::client::{Client, endpoint, refusal, send};
use crate::error::RegistryError;
use serde::Deserialize;
use std::time::{Duration, Instant};
use transfer::{Authorization, Body, Method, Origin, Request, Response, Secret, Url, encode};

/// What a token service answers.
#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

/// What the specification says of tokens that do not say how long they live.
const LIFE: u64 = 60;
/// A token must outlive the request that shows it.
const MARGIN: Duration = Duration::from_secs(10);
/// Bytes of the largest answer of a token service.
const ANSWER: u64 = 1 << 20;
/// Our name at token services.
const CLIENT: &str = "cargo-xtask";

/// A token service.
struct Service<'a> {
    url: Url,
    /// What it calls the registry.
    name: Option<&'a str>,
}

impl Client {
    /// The header that the registry wants to see, if it was heard of and wants one.
    pub(crate) fn authorization(
        &self,
        doing: &str,
        access: &Access<'_>,
    ) -> Result<Option<Authorization>, RegistryError> {
        let origin = endpoint::origin(doing, access.repository())?;
        let shown = self.shown(doing, access, &origin)?;
        let ours = shown.map(|secret| Authorization::new(&origin, secret)).transpose();
        ours.map_err(|error| told(access, error.to_string()))
    }

    fn shown(
        &self,
        doing: &str,
        access: &Access<'_>,
        origin: &Origin,
    ) -> Result<Option<Secret>, RegistryError> {
        match self.hosts.challenge(access) {
            None => Ok(None),
            Some(Challenge::Basic) => Ok(match self.credentials(access)? {
                Credentials::Basic { user, password } => Some(Secret::basic(&user, &password)),
                Credentials::Identity(token) => Some(Secret::bearer(&token)),
                Credentials::Anonymous => None,
            }),
            Some(Challenge::Bearer { realm, service, scope }) => {
                if let Some(token) = self.hosts.token(access) {
                    return Ok(Some(Secret::bearer(&token)));
                }
                // Ours are known to be enough; a service of another kind says what it wants.
                let scopes = match scope {
                    Some(scope) if !scope.starts_with("repository:") => vec![scope],
                    _ => access.scopes(),
                };
                let service = Service { url: realm_url(access, origin, &realm)?, name: service.as_deref() };
                let token = self.token(doing, access, &service, &scopes)?;
                let header = Secret::bearer(&token.secret);
                self.hosts.keep_token(access, token);
                Ok(Some(header))
            }
        }
    }

    fn credentials(&self, access: &Access<'_>) -> Result<Credentials, RegistryError> {
        if let Some(known) = self.hosts.credentials(access) {
            return Ok(known);
        }
        let found = match &self.settings.docker_config {
            Some(path) => docker::lookup(path, access.repository().host())?,
            None => Credentials::Anonymous,
        };
        self.hosts.keep_credentials(access, found.clone());
        Ok(found)
    }

    fn token(
        &self,
        doing: &str,
        access: &Access<'_>,
        service: &Service<'_>,
        scopes: &[String],
    ) -> Result<Token, RegistryError> {
        let repository = access.repository();
        let credentials = self.credentials(access)?;
        let realm = service.url.as_str();
        let (asked, scope) = (Instant::now(), scopes.join(" "));
        let small = |method, url| Request::new(method, url, self.small(), ANSWER);
        let response = match &credentials {
            Credentials::Identity(token) => {
                let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", token.reveal())];
                form.extend([("client_id", CLIENT), ("scope", &scope)]);
                form.extend(service.name.map(|name| ("service", name)));
                let request = Request { body: Body::Form(&form), ..small(Method::Post, realm) };
                send(repository.host(), doing, &request)
            }
            other => {
                let mut query: Vec<String> =
                    scopes.iter().map(|scope| format!("scope={}", encode(scope))).collect();
                query.extend(service.name.map(|name| format!("service={}", encode(name))));
                let header = match other {
                    Credentials::Basic { user, password } => {
                        let header = Authorization::new(service.url.origin(), Secret::basic(user, password));
                        Some(header.map_err(|error| told(access, error.to_string()))?)
                    }
                    _ => None,
                };
                let separator = if realm.contains('?') { '&' } else { '?' };
                let url = format!("{realm}{separator}{}", query.join("&"));
                let request = Request { credentials: header.as_ref(), ..small(Method::Get, &url) };
                send(repository.host(), doing, &request)
            }
        }?;
        read(doing, access, &response, asked)
    }
}

/// Where tokens are to be had. It may be another host than the registry's, as it is for docker.io, but not one that is
/// spoken to in the clear: only a registry on this machine, which itself is, may name such a one on this machine.
fn realm_url(access: &Access<'_>, registry: &Origin, realm: &str) -> Result<Url, RegistryError> {
    let url = Url::parse(realm)
        .map_err(|error| told(access, format!("the registry sends us for a token, but {error}")))?;
    let here = !registry.is_encrypted() && url.origin().is_loopback();
    if url.origin().is_encrypted() || here {
        return Ok(url);
    }
    Err(told(access, format!("the registry sends us to {url}, which is not encrypted")))
}

fn told(access: &Access<'_>, reason: String) -> RegistryError {
    RegistryError::Credentials { host: access.repository().host().to_owned(), reason }
}

fn read(
    doing: &str,
    access: &Access<'_>,
    response: &Response,
    asked: Instant,
) -> Result<Token, RegistryError> {
    // Whoever else it names is not asked: this was about credentials.
    if (300..400).contains(&response.status) {
        return Err(RegistryError::malformed(
            doing,
            "the token service sends us elsewhere, which is not followed",
        ));
    }
    if response.status != 200 {
        let detail = refusal::detail(&response.body);
        return Err(RegistryError::denied(doing, access.repository(), response.status, detail));
    }
    let (secret, life) = given(&response.body).map_err(|why| RegistryError::malformed(doing, why))?;
    let until = asked + life.checked_sub(MARGIN).unwrap_or(life / 2);
    Ok(Token { secret, until })
}

/// The token that a service gave, and how long it lives.
pub(crate) fn given(answer: &[u8]) -> Result<(Secret, Duration), &'static str> {
    // The parser's message could repeat the token.
    let answer: Answer = serde_json::from_slice(answer).map_err(|_| "the token service answered no JSON")?;
    let token = answer.token.or(answer.access_token).filter(|token| !token.is_empty());
    let token = token.ok_or("the token service gave no token")?;
    // A header is one line: what could not be sent is no token.
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the token service gave no token that can be shown");
    }
    Ok((Secret::new(token), Duration::from_secs(answer.expires_in.unwrap_or(LIFE).clamp(1, 86_400))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_had_from_whom_a_registry_may_name() {
        let repository = "q.io/x".parse().unwrap();
        let origin = |text: &str| Url::parse(text).unwrap().origin().clone();
        let may = |registry: &str, realm: &str| {
            realm_url(&Access::Pull(&repository), &origin(registry), realm).is_ok()
        };
        assert!(may("https://registry-1.docker.io/", "https://auth.docker.io/token"));
        assert!(may("http://127.0.0.1:5000/", "http://localhost:5001/token"));
        // Not in the clear, and not to something of this machine that answers nobody else.
        for realm in ["http://q.io/token", "http://127.0.0.1:1/token", "file:///etc/passwd", "/token"] {
            assert!(!may("https://q.io/", realm), "{realm}");
        }
        assert!(!may("http://127.0.0.1:5000/", "http://tokens.example/t"));
    }
}
