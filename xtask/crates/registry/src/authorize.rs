//! The `Authorization` header of a request, and the tokens behind it.

use crate::access::Access;
use crate::base64;
use crate::challenge::Challenge;
use crate::client::Client;
use crate::credentials::{self, Credentials};
use crate::error::RegistryError;
use crate::host::Token;
use crate::refusal;
use crate::secret::Secret;
use curl::{Body, Method, Request, Response};
use serde::Deserialize;
use std::time::{Duration, Instant};

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
/// Our name at token services.
const CLIENT: &str = "cargo-xtask";

impl Client {
    /// The header that the registry wants to see, if it was heard of and wants one.
    pub(crate) fn authorization(
        &self,
        doing: &str,
        access: &Access<'_>,
    ) -> Result<Option<String>, RegistryError> {
        match self.hosts.challenge(access) {
            None => Ok(None),
            Some(Challenge::Basic) => Ok(match self.credentials(access)? {
                Credentials::Basic { user, password } => Some(basic(&user, &password)),
                Credentials::Identity(token) => Some(format!("Bearer {}", token.reveal())),
                Credentials::Anonymous => None,
            }),
            Some(Challenge::Bearer { realm, service, scope }) => {
                if let Some(token) = self.hosts.token(access) {
                    return Ok(Some(format!("Bearer {}", token.reveal())));
                }
                // Ours are known to be enough; a service of another kind says what it wants.
                let scopes = match scope {
                    Some(scope) if !scope.starts_with("repository:") => vec![scope],
                    _ => access.scopes(),
                };
                let token = self.token(doing, access, &realm, service.as_deref(), &scopes)?;
                let header = format!("Bearer {}", token.secret.reveal());
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
            Some(path) => credentials::lookup(path, access.repository().host())?,
            None => Credentials::Anonymous,
        };
        self.hosts.keep_credentials(access, found.clone());
        Ok(found)
    }

    fn token(
        &self,
        doing: &str,
        access: &Access<'_>,
        realm: &str,
        service: Option<&str>,
        scopes: &[String],
    ) -> Result<Token, RegistryError> {
        let repository = access.repository();
        let credentials = self.credentials(access)?;
        // Passwords go over the network encrypted, or not at all.
        if !realm.starts_with("https://") && !repository.is_loopback() {
            return Err(RegistryError::Credentials {
                host: repository.host().to_owned(),
                reason: format!("the registry sends us to {}, which is not encrypted", curl::redact(realm)),
            });
        }
        let asked = Instant::now();
        let scope = scopes.join(" ");
        let response = self.retrying(repository.host(), doing, false, || match &credentials {
            Credentials::Identity(token) => {
                let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", token.reveal())];
                form.extend([("client_id", CLIENT), ("scope", &scope)]);
                form.extend(service.map(|service| ("service", service)));
                let mut request = Request::new(Method::Post, realm);
                request.body = Body::Form(&form);
                curl::run(&request, &self.limits(false, crate::client::SMALL), || {})
            }
            other => {
                let mut query: Vec<String> =
                    scopes.iter().map(|scope| format!("scope={}", curl::encode(scope))).collect();
                query.extend(service.map(|service| format!("service={}", curl::encode(service))));
                let header = match other {
                    Credentials::Basic { user, password } => Some(basic(user, password)),
                    _ => None,
                };
                let separator = if realm.contains('?') { '&' } else { '?' };
                let url = format!("{realm}{separator}{}", query.join("&"));
                let mut request = Request::new(Method::Get, &url);
                request.headers.extend(header.as_deref().map(|value| ("Authorization", value)));
                curl::run(&request, &self.limits(false, crate::client::SMALL), || {})
            }
        })?;
        read(doing, access, &response, asked)
    }
}

fn read(
    doing: &str,
    access: &Access<'_>,
    response: &Response,
    asked: Instant,
) -> Result<Token, RegistryError> {
    if response.status != 200 {
        let detail = refusal::detail(&response.body);
        return Err(RegistryError::denied(doing, access.repository(), response.status, detail));
    }
    // The parser's message could repeat the token.
    let answer: Result<Answer, _> = serde_json::from_slice(&response.body);
    let answer = answer.map_err(|_| RegistryError::malformed(doing, "the token service answered no JSON"))?;
    let token = answer.token.or(answer.access_token).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| RegistryError::malformed(doing, "the token service gave no token"))?;
    let life = Duration::from_secs(answer.expires_in.unwrap_or(LIFE).clamp(1, 86_400));
    let until = asked + life.checked_sub(MARGIN).unwrap_or(life / 2);
    Ok(Token { secret: Secret::new(token), until })
}

fn basic(user: &str, password: &Secret) -> String {
    format!("Basic {}", base64::encode(format!("{user}:{}", password.reveal()).as_bytes()))
}
