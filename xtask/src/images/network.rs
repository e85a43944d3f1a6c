//! How this machine reaches a network, as build steps may know it.

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use plan::lower::bake::Secret;
use plan::lower::{CA_FILE, CA_VARIABLES, Network, PROXIES};
use std::collections::BTreeMap;

/// Carries the place of the certificates inside of a build to the variables that ask for one.
const CA_PLACE: &str = "XTASK_CA_PLACE";

/// What was found.
#[derive(Debug)]
pub struct Ways {
    /// For the targets.
    pub network: Network,
    /// For the environment of buildx.
    pub variables: BTreeMap<String, String>,
    /// Files that it reads.
    pub reads: Vec<Utf8PathBuf>,
}

/// Proxies, and a bundle of certificates that is not the image's own.
pub fn ways(var: impl Fn(&str) -> Option<String>) -> Result<Ways> {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    let proxies = PROXIES.iter().filter_map(|name| Some(((*name).to_owned(), set(name)?))).collect();
    let mut ways = Ways {
        network: Network { proxies, ..Network::default() },
        variables: BTreeMap::new(),
        reads: Vec::new(),
    };
    let found = CA_VARIABLES.iter().find_map(|name| Some((name, set(name)?)));
    if let Some((name, bundle)) = found {
        let bundle = camino::absolute_utf8(&bundle).with_context(|| format!("{name}={bundle}"))?;
        anyhow::ensure!(bundle.is_file(), "{name}: there is no file {bundle}");
        let mut secrets = vec![Secret::from_file("ca", bundle.clone())];
        let asking = CA_VARIABLES.iter().filter(|name| set(name).is_some());
        secrets.extend(asking.map(|name| Secret::from_variable(name, CA_PLACE)));
        ways.network.secrets = secrets;
        ways.variables.insert(CA_PLACE.to_owned(), CA_FILE.to_owned());
        ways.reads.push(bundle);
    }
    Ok(ways)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_mounted_where_the_variables_then_point() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        let found = ways(|name| match name {
            "SSL_CERT_FILE" => Some(path.clone()),
            "HTTPS_PROXY" => Some("http://proxy:1".to_owned()),
            _ => Some(String::new()),
        })
        .unwrap();
        assert_eq!(
            found.network.proxies.into_iter().collect::<Vec<_>>(),
            [("HTTPS_PROXY".into(), "http://proxy:1".into())]
        );
        let secrets = serde_json::to_value(&found.network.secrets).unwrap();
        let wanted = serde_json::json!([format!("id=ca,src={path}"), "id=SSL_CERT_FILE,env=XTASK_CA_PLACE"]);
        assert_eq!(secrets, wanted);
        assert_eq!(found.variables["XTASK_CA_PLACE"], CA_FILE);
        assert_eq!(found.reads, [Utf8PathBuf::from(path)]);
    }

    #[test]
    fn a_bundle_that_is_not_there_is_said() {
        let error =
            ways(|name| (name == "CURL_CA_BUNDLE").then(|| "/nowhere/ca.pem".to_owned())).unwrap_err();
        assert_eq!(error.to_string(), "CURL_CA_BUNDLE: there is no file /nowhere/ca.pem");
    }
}
