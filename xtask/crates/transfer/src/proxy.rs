//! The proxies of the environment: which origins are reached through which.

use crate::error::TransferError;
use crate::secret::Secret;
use crate::url::{Origin, Url, credentials};
use std::net::IpAddr;

/// A proxy that is spoken to over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) origin: Origin,
    /// Its `Proxy-Authorization`.
    pub(crate) credentials: Option<Secret>,
}

/// What the environment says.
#[derive(Debug)]
pub(crate) struct Proxies {
    plain: Option<(&'static str, String)>,
    encrypted: Option<(&'static str, String)>,
    direct: Vec<String>,
}

impl Proxies {
    pub(crate) fn new(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&'static str]| {
            let set = |name: &&'static str| {
                variable(name).filter(|value| !value.is_empty()).map(|value| (*name, value))
            };
            names.iter().find_map(set)
        };
        let all = ["all_proxy", "ALL_PROXY"];
        Self {
            // Servers that start programs put the header `Proxy:` of whoever asks them into HTTP_PROXY.
            plain: first(&["http_proxy", all[0], all[1]]),
            encrypted: first(&["https_proxy", "HTTPS_PROXY", all[0], all[1]]),
            direct: first(&["no_proxy", "NO_PROXY"])
                .map(|(_, list)| {
                    list.split([',', ' ']).map(|entry| entry.trim().to_ascii_lowercase()).collect()
                })
                .unwrap_or_default(),
        }
    }

    /// The proxy for an origin. There is none for this machine.
    pub(crate) fn of(&self, origin: &Origin) -> Result<Option<Proxy>, TransferError> {
        let named = if origin.is_encrypted() { &self.encrypted } else { &self.plain };
        let Some((variable, text)) = named else { return Ok(None) };
        if origin.is_loopback() || self.direct.iter().any(|entry| covers(entry, origin)) {
            return Ok(None);
        }
        read(text).map(Some).map_err(|reason| TransferError::Proxy { variable, reason: reason.to_owned() })
    }
}

fn read(text: &str) -> Result<Proxy, &'static str> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&whole).map_err(|_| "it is no http:// URL, and no other kind is spoken here")?;
    if url.origin().is_encrypted() {
        return Err("a proxy itself is spoken to without encryption; name it as http://");
    }
    let user = whole.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
    let credentials = user.and_then(|(user, _)| credentials(user));
    Ok(Proxy { origin: url.origin().clone(), credentials })
}

/// Does an entry of NO_PROXY cover an origin: all, a domain with all below it, an address, or a network?
fn covers(entry: &str, origin: &Origin) -> bool {
    if entry == "*" || entry == origin.authority() {
        return true;
    }
    let (host, name) = (origin.host(), entry.trim_start_matches('*').trim_start_matches('.'));
    if let (Some((network, bits)), Ok(address)) = (name.split_once('/'), host.parse::<IpAddr>()) {
        return within(address, network, bits).unwrap_or(false);
    }
    !name.is_empty() && host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn within(address: IpAddr, network: &str, bits: &str) -> Option<bool> {
    let (network, bits): (IpAddr, u32) = (network.parse().ok()?, bits.parse().ok()?);
    let (a, b, all) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return None,
    };
    let rest = u32::checked_sub(all, bits)?;
    Some(rest == 128 || a >> rest == b >> rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(set: &'static [(&str, &str)]) -> Proxies {
        Proxies::new(move |name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn of(proxies: &Proxies, url: &str) -> Option<String> {
        let found = proxies.of(Url::parse(url).unwrap().origin()).unwrap();
        found.map(|proxy| proxy.origin.authority())
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let two = proxies(&[("http_proxy", "p:1"), ("HTTPS_PROXY", "http://q"), ("HTTP_PROXY", "evil:1")]);
        assert_eq!(of(&two, "http://a/"), Some("p:1".to_owned()));
        assert_eq!(of(&two, "https://a/"), Some("q:80".to_owned()));
        let all = proxies(&[("ALL_PROXY", "http://p:1"), ("HTTP_PROXY", "evil:1")]);
        assert_eq!(of(&all, "http://a/"), Some("p:1".to_owned()));
        assert_eq!(of(&proxies(&[("HTTP_PROXY", "evil:1")]), "http://a/"), None);
        for local in ["http://127.0.0.1:5000/", "http://localhost/", "http://[::1]/"] {
            assert_eq!(of(&all, local), None, "{local}");
        }
    }

    #[test]
    fn some_are_reached_without() {
        let set = proxies(&[("http_proxy", "p:1"), ("no_proxy", "a.example, .b.example,10.0.0.0/8,h:81")]);
        for direct in ["a.example", "x.a.example", "b.example", "x.b.example", "10.1.2.3", "h:81"] {
            assert_eq!(of(&set, &format!("http://{direct}/")), None, "{direct}");
        }
        for through in ["xa.example", "example", "11.1.2.3", "h"] {
            assert!(of(&set, &format!("http://{through}/")).is_some(), "{through}");
        }
        assert_eq!(of(&proxies(&[("http_proxy", "p:1"), ("no_proxy", "*")]), "http://a/"), None);
    }

    #[test]
    fn what_is_not_spoken_is_said() {
        for (text, wanted) in [("socks5://p:1", "no other kind"), ("https://p:1", "as http://")] {
            assert!(read(text).unwrap_err().contains(wanted));
        }
        assert_eq!(read("u:p@h:1").unwrap().credentials, Some(Secret::new("Basic dTpw")));
    }
}
