//! What the image of a platform is made of, by the package that is in it.

use crate::session::Session;
use crate::workplace::Workplace;
use anyhow::{Result, bail};
use camino::Utf8Path;
use ci::attest::{Component, Contents, License};
use ci::merge::Leg;
use model::source::{Pin, Upstream};
use oci::{Client, Manifest, Pointer, Repository, layout};
use pack::{MANIFEST_FILE, Manifest as Package};
use std::collections::BTreeSet;

/// Reads the package's manifest out of the image's layers. Where the keys are known, it must have one of them.
pub fn contents(
    session: &Session,
    client: &Client,
    from: &Repository,
    leg: &Leg,
    keys: Option<&BTreeSet<String>>,
) -> Result<Contents> {
    let package = package(session, client, from, leg)?;
    if let Some(keys) = keys {
        let found = package.as_ref().map(|package| package.key.as_str());
        let Some(found) = found else {
            bail!(
                "{from}@{} holds no {MANIFEST_FILE}, which every package has: it is not published",
                leg.digest
            );
        };
        if !keys.contains(found) {
            let wanted: Vec<&str> = keys.iter().map(String::as_str).collect();
            bail!(
                "{from}@{} holds the package of key {found}, expected {}: it is not published; build it again",
                leg.digest,
                wanted.join(" or ")
            );
        }
    }
    let components = package.as_ref().map(|package| components(session, package)).unwrap_or_default();
    Ok(Contents {
        platform: leg.platform,
        digest: leg.digest.clone(),
        package: package.map(|package| (package.name, package.variant)),
        components,
    })
}

/// The smallest layers first: a package is usually in the only one, and is never worth reading a toolkit for.
fn package(session: &Session, client: &Client, from: &Repository, leg: &Leg) -> Result<Option<Package>> {
    let fetched = client.manifest(from, &Pointer::Digest(leg.digest.clone()))?;
    let Manifest::Image(image) = fetched.manifest else { return Ok(None) };
    let mut layers = image.layers;
    layers.sort_by_key(|layer| layer.size);
    let place = Workplace::new(session, "layers")?;
    for layer in layers {
        let file = place.dir().join(layer.digest.hex());
        client.blob(from, &layer.digest, &file)?;
        let found = layout::file_in(&file, MANIFEST_FILE);
        fs_err::remove_file(&file)?;
        if let Some(text) = found? {
            return Ok(Some(Package::parse(&text, Utf8Path::new(MANIFEST_FILE))?));
        }
    }
    Ok(None)
}

fn components(session: &Session, package: &Package) -> Vec<Component> {
    let component = |(name, component): (&String, &pack::Component)| {
        // An image by digest may be older than the pins of this checkout. A component below a source, such as
        // `grpc/third_party/re2`, has a licence of its own.
        let pin = session.manifests.pins.get(name.as_str());
        let pin = pin.filter(|pin| component.version.as_ref() == Some(&pin.version));
        let texts = || component.licenses.iter().map(ToString::to_string).collect();
        Component {
            name: name.clone(),
            version: component.version.clone(),
            license: pin
                .map_or_else(|| License::Texts(texts()), |pin| License::Expression(pin.license.clone())),
            location: pin.and_then(location),
        }
    };
    package.components.iter().map(component).collect()
}

/// Where a source is published, as SPDX writes it.
fn location(pin: &Pin) -> Option<String> {
    match &pin.upstream {
        Upstream::Git { url, commit } => Some(format!("git+{url}@{commit}")),
        Upstream::GitTag { url, tag, .. } => Some(format!("git+{url}@{tag}")),
        Upstream::Archive { url, .. } => Some(url.clone()),
        Upstream::Crate { .. } => None,
    }
}
