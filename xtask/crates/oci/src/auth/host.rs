//! What is known about each registry: what it wants to see, and the tokens that it gave.

use crate::auth::access::Access;
use crate::auth::challenge::Challenge;
use crate::auth::credentials::Credentials;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use transfer::Secret;

/// Every registry that was spoken to.
#[derive(Debug, Default)]
pub(crate) struct Hosts(Mutex<BTreeMap<String, Host>>);

#[derive(Debug, Default)]
struct Host {
    challenge: Option<Challenge>,
    credentials: Option<Credentials>,
    tokens: BTreeMap<Vec<String>, Token>,
}

/// What allows something for a while.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    pub(crate) until: Instant,
}

impl Hosts {
    fn with<T>(&self, access: &Access<'_>, use_it: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        use_it(hosts.entry(access.repository().host().to_owned()).or_default())
    }

    /// Was this registry heard of before?
    pub(crate) fn challenge(&self, access: &Access<'_>) -> Option<Challenge> {
        self.with(access, |host| host.challenge.clone())
    }

    /// Takes in what a refusal says. False if everything it asks for was shown already.
    pub(crate) fn learn(&self, access: &Access<'_>, challenge: Challenge) -> bool {
        self.with(access, |host| {
            // A token that is refused has run out, whatever it says.
            let had = host.tokens.remove(&access.scopes()).is_some();
            let news = host.challenge.as_ref() != Some(&challenge);
            host.challenge = Some(challenge);
            had || news
        })
    }

    pub(crate) fn credentials(&self, access: &Access<'_>) -> Option<Credentials> {
        self.with(access, |host| host.credentials.clone())
    }

    pub(crate) fn keep_credentials(&self, access: &Access<'_>, credentials: Credentials) {
        self.with(access, |host| host.credentials = Some(credentials));
    }

    /// A token that is still good.
    pub(crate) fn token(&self, access: &Access<'_>) -> Option<Secret> {
        self.with(access, |host| {
            host.tokens
                .get(&access.scopes())
                .filter(|token| token.until > Instant::now())
                .map(|t| t.secret.clone())
        })
    }

    pub(crate) fn keep_token(&self, access: &Access<'_>, token: Token) {
        self.with(access, |host| host.tokens.insert(access.scopes(), token));
    }
}
