//! Docker's stored credentials: `config.json` and the helpers that it names.

use crate::auth::credentials::Credentials;
use crate::auth::helper;
use crate::error::RegistryError;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use transfer::Secret;

#[derive(Default, Deserialize)]
struct Config {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
    #[serde(default, rename = "credHelpers")]
    helpers: BTreeMap<String, String>,
    #[serde(default, rename = "credsStore")]
    store: Option<String>,
}

#[derive(Default, Deserialize)]
struct Auth {
    #[serde(rename = "auth")]
    coded: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// Bytes of the largest configuration; what is cut there cannot be read.
const LARGEST: u64 = 8 << 20;
/// Padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// The name under which docker keeps what is docker.io's.
const DOCKER_KEY: &str = "https://index.docker.io/v1/";

/// `config.json` of `$DOCKER_CONFIG`, else of `~/.docker`.
pub fn docker_config() -> Option<Utf8PathBuf> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty()).map(Utf8PathBuf::from);
    let dir = var("DOCKER_CONFIG").or_else(|| Some(var("HOME")?.join(".docker")))?;
    Some(dir.join("config.json"))
}

/// What the configuration at `path` knows about `host`. A file that is not there knows nothing.
pub fn lookup(path: &Utf8Path, host: &str) -> Result<Credentials, RegistryError> {
    let wrong = |reason: String| RegistryError::Credentials { host: host.to_owned(), reason };
    let read = fs::File::open(path).and_then(|file| {
        let mut text = Vec::new();
        file.take(LARGEST).read_to_end(&mut text).map(|_| text)
    });
    let text = match read {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Credentials::Anonymous),
        Err(error) => return Err(RegistryError::io("reading", path, error)),
    };
    let stored = stored(&text, host).map_err(|error| {
        wrong(format!(
            "{path} is not docker's configuration: line {}, column {}",
            error.line(),
            error.column()
        ))
    })?;
    if let Some((name, key)) = &stored.helper
        && let Some(found) = helper::get(name, key).map_err(wrong)?
    {
        return Ok(found);
    }
    stored.entry.map_err(|Damaged| {
        wrong(format!("the entry in {path} is damaged; `docker logout {host}` and log in again"))
    })
}

/// What a configuration says about a host.
pub(crate) struct Stored {
    /// The helper to be asked first, and by which name of the host.
    helper: Option<(String, String)>,
    /// The entry that is there; nobody where there is none.
    entry: Result<Credentials, Damaged>,
}

/// An entry that cannot be read.
pub(crate) struct Damaged;

/// Reads a configuration. The parser's message could repeat a password: only its place may be told.
pub(crate) fn stored(text: &[u8], host: &str) -> Result<Stored, serde_json::Error> {
    let config: Config = serde_json::from_slice(text)?;
    let key = if host == "docker.io" { DOCKER_KEY } else { host };
    let named = config.helpers.get(key).or_else(|| config.helpers.get(host));
    let helper = named.or(config.store.as_ref().filter(|name| !name.is_empty()));
    let entry = config
        .auths
        .get(key)
        .or_else(|| config.auths.iter().find(|(known, _)| bare(known) == bare(key)).map(|(_, entry)| entry));
    let helper = helper.map(|name| (name.clone(), key.to_owned()));
    let entry = entry.map_or(Ok(Credentials::Anonymous), |entry| decoded(entry).ok_or(Damaged));
    Ok(Stored { helper, entry })
}

/// The host in a key, which may be a URL.
fn bare(key: &str) -> &str {
    let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    key.split('/').next().unwrap_or(key)
}

fn decoded(auth: &Auth) -> Option<Credentials> {
    if let Some(token) = auth.identitytoken.as_deref().filter(|token| !token.is_empty()) {
        return Some(Credentials::Identity(Secret::new(token)));
    }
    if let Some(coded) = auth.coded.as_deref().filter(|coded| !coded.is_empty()) {
        let plain = String::from_utf8(BASE64.decode(coded.trim_end()).ok()?).ok()?;
        let (user, password) = plain.split_once(':')?;
        let password = Secret::new(password.trim_end_matches('\0'));
        return Some(Credentials::Basic { user: user.to_owned(), password });
    }
    Some(match (&auth.username, &auth.password) {
        (Some(user), Some(password)) => {
            Credentials::Basic { user: user.clone(), password: Secret::new(password) }
        }
        _ => Credentials::Anonymous,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &str, host: &str) -> Result<Credentials, RegistryError> {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("config.json");
        fs::write(&path, config).unwrap();
        lookup(&path, host)
    }

    fn basic(user: &str, password: &str) -> Credentials {
        Credentials::Basic { user: user.to_owned(), password: Secret::new(password) }
    }

    #[test]
    fn entries_are_found_under_the_names_that_docker_uses() {
        // u:p:w
        let config = r#"{"auths":{
            "https://index.docker.io/v1/":{"auth":"dTpwOnc="}, "quay.io":{"username":"a","password":"b"},
            "https://ghcr.io/v2/":{"identitytoken":"t"}, "empty.io":{}
        },"HttpHeaders":{"x":"y"}}"#;
        assert_eq!(found(config, "docker.io").unwrap(), basic("u", "p:w"));
        assert_eq!(found(config, "quay.io").unwrap(), basic("a", "b"));
        assert_eq!(found(config, "ghcr.io").unwrap(), Credentials::Identity(Secret::new("t")));
        for host in ["empty.io", "other.io"] {
            assert_eq!(found(config, host).unwrap(), Credentials::Anonymous);
        }
    }

    #[test]
    fn damage_is_reported_without_its_content() {
        let error = found(r#"{"auths":{"q.io":{"auth":["s3cret"]}}}"#, "q.io").unwrap_err().to_string();
        assert!(error.contains("line 1") && !error.contains("s3cret"), "{error}");
        let error = found(r#"{"auths":{"q.io":{"auth":"*s3cret*"}}}"#, "q.io").unwrap_err().to_string();
        assert!(error.contains("damaged") && !error.contains("s3cret"), "{error}");
    }

    #[test]
    fn a_missing_helper_is_named() {
        let error = found(r#"{"credsStore":"no-such-store"}"#, "q.io").unwrap_err().to_string();
        assert!(error.contains("docker-credential-no-such-store"), "{error}");
        let error = found(r#"{"credHelpers":{"q.io":"../x"}}"#, "q.io").unwrap_err().to_string();
        assert!(error.contains("not the name of a credential helper"), "{error}");
        assert_eq!(found(r#"{"credHelpers":{"q.io":"x"}}"#, "r.io").unwrap(), Credentials::Anonymous);
    }

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(format!("{:?}", basic("u", "p")), "Basic { user: \"u\", password: *** }");
    }
}
