//! How this machine reaches a network, as a build is told of it.

use camino::Utf8PathBuf;
use plan::lower::bake::Secret;
use plan::lower::{CA_FILE, CA_VARIABLES, Network, PROXIES, SECRETS};
use std::collections::BTreeMap;

/// The variable of buildx from which builds learn where the bundle of certificates is: [`CA_FILE`], inside of them.
const CA_VARIABLE: &str = "XTASK_CA_FILE";

/// How this machine reaches a network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// What a build file says of it: names, and no value that may hold a credential but a proxy's address.
    pub network: Network,
    /// Variables that buildx itself must have.
    pub variables: BTreeMap<String, String>,
}

/// Reads it from the environment, in which [`exec::environment`] lets native builds see the same.
pub fn reach(variable: impl Fn(&str) -> Option<String>) -> Reach {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut reach = Reach::default();
    for name in PROXIES {
        reach.network.proxies.extend(set(name).map(|value| (name.to_owned(), value)));
    }
    let bundle = CA_VARIABLES.into_iter().find_map(set).map(Utf8PathBuf::from).filter(|file| file.is_file());
    for name in SECRETS {
        if CA_VARIABLES.contains(&name) {
            reach.network.secrets.extend(bundle.as_ref().map(|_| Secret::from_variable(name, CA_VARIABLE)));
        } else if set(name).is_some() {
            reach.network.secrets.push(Secret::from_env(name));
        }
    }
    if let Some(bundle) = bundle {
        reach.network.secrets.push(Secret::from_file("ca", bundle));
        reach.variables.insert(CA_VARIABLE.to_owned(), CA_FILE.to_owned());
    }
    reach
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_handed_on_and_nothing_else() {
        assert_eq!(reach(|_| None), Reach::default());
        let bundle = tempfile::NamedTempFile::new().unwrap();
        let path = bundle.path().to_str().unwrap().to_owned();
        let reach = reach(|name| match name {
            "http_proxy" => Some("http://proxy.example".to_owned()),
            "GOPROXY" => Some("https://user:word@goproxy.example".to_owned()),
            "PIP_INDEX_URL" => Some(String::new()),
            "SSL_CERT_FILE" => Some(path.clone()),
            _ => None,
        });
        assert_eq!(reach.network.proxies.len(), 1);
        let shown = serde_json::to_string(&reach.network.secrets).unwrap();
        assert!(shown.contains("id=GOPROXY,env=GOPROXY") && !shown.contains("word"), "{shown}");
        assert!(!shown.contains("PIP_INDEX_URL"), "{shown}");
        for name in CA_VARIABLES {
            assert!(shown.contains(&format!("id={name},env=XTASK_CA_FILE")), "{shown}");
        }
        assert!(shown.contains(&format!("id=ca,src={path}")), "{shown}");
        assert_eq!(reach.variables["XTASK_CA_FILE"], CA_FILE);
    }
}
