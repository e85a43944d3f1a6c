//! How this machine reaches a network, as a build is told of it.

use crate::error::Coded;
use anyhow::{Context, Result};
use exec::remote_cache::CCACHE;
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
pub fn reach(variable: impl Fn(&str) -> Option<String>) -> Result<Reach> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut reach = Reach::default();
    for name in PROXIES {
        reach.network.proxies.extend(set(name).map(|value| (name.to_owned(), value)));
    }
    let mut bundle = None;
    for name in CA_VARIABLES {
        let Some(file) = set(name) else { continue };
        let file = camino::absolute_utf8(&file).with_context(|| format!("{name}={file}"))?;
        // Without its certificates a build fails much later, for a reason that is hard to see.
        anyhow::ensure!(file.is_file(), Coded::Usage(format!("{name}: there is no file {file}")));
        bundle.get_or_insert(file);
    }
    for name in SECRETS {
        if CA_VARIABLES.contains(&name) {
            reach.network.secrets.extend(bundle.as_ref().map(|_| Secret::from_variable(name, CA_VARIABLE)));
        } else if !CCACHE.contains(&name) && set(name).is_some() {
            reach.network.secrets.push(Secret::from_env(name));
        }
    }
    if let Some(bundle) = bundle {
        reach.network.secrets.push(Secret::from_file("ca", bundle));
        reach.variables.insert(CA_VARIABLE.to_owned(), CA_FILE.to_owned());
    }
    Ok(reach)
}

#[cfg(test)]
mod tests {
    use super::*;
    use camino::Utf8PathBuf;

    #[test]
    fn what_is_set_is_handed_on_and_nothing_else() {
        assert_eq!(reach(|_| None).unwrap(), Reach::default());
        let bundle = tempfile::NamedTempFile::new().unwrap();
        let path = bundle.path().to_str().unwrap().to_owned();
        let reach = reach(|name| match name {
            "http_proxy" => Some("http://proxy.example".to_owned()),
            "GOPROXY" => Some("https://user:word@goproxy.example".to_owned()),
            "PIP_INDEX_URL" => Some(String::new()),
            // The compiler cache that machines share is chosen elsewhere.
            "CCACHE_REMOTE_STORAGE" => Some("redis://cache.example".to_owned()),
            "SSL_CERT_FILE" => Some(path.clone()),
            _ => None,
        })
        .unwrap();
        let proxies: Vec<_> = reach.network.proxies.clone().into_iter().collect();
        assert_eq!(proxies, [("http_proxy".to_owned(), "http://proxy.example".to_owned())]);
        let shown = serde_json::to_string(&reach.network.secrets).unwrap();
        assert!(shown.contains("id=GOPROXY,env=GOPROXY") && !shown.contains("word"), "{shown}");
        assert!(!shown.contains("PIP_INDEX_URL") && !shown.contains("CCACHE"), "{shown}");
        for name in CA_VARIABLES {
            assert!(shown.contains(&format!("id={name},env=XTASK_CA_FILE")), "{shown}");
        }
        assert!(shown.contains(&format!("id=ca,src={path}")), "{shown}");
        assert_eq!(reach.variables["XTASK_CA_FILE"], CA_FILE);
        assert_eq!(reach.network.files().collect::<Vec<_>>(), [Utf8PathBuf::from(path)]);
    }

    #[test]
    fn a_bundle_that_is_not_there_is_said() {
        let named = |set: &'static str| {
            reach(move |name| (name == set).then(|| "/nowhere/ca.pem".to_owned())).unwrap_err().to_string()
        };
        for name in CA_VARIABLES {
            assert_eq!(named(name), format!("{name}: there is no file /nowhere/ca.pem"));
        }
    }
}
