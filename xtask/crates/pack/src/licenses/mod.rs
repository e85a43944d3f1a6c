//! The licences of all that a package holds.

mod homebrew;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::PackError;
use crate::manifest::{Component, Origin};
use crate::spec::{PackageSpec, matches};
use crate::stage::Staging;
use model::platform::Os;

const NOTICE: &str = include_str!("../../../launcher/NOTICE");

/// Copies every licence into `licenses/` and says what covers what. What has none is left for the checks to report.
///
/// `libraries` are those in `lib/`, by name, with the file that each came from; dpkg is asked of the system at `system`.
pub(crate) fn collect(
    spec: &PackageSpec,
    libraries: &BTreeMap<String, Utf8PathBuf>,
    system: &Utf8Path,
    staging: &mut Staging,
) -> Result<BTreeMap<String, Component>, PackError> {
    let mut components = BTreeMap::new();
    for license in &spec.licenses {
        let component = declared(&mut components, &license.component);
        component.version = spec.versions.get(&license.component).cloned();
        let covered = libraries.keys().filter(|name| license.covers.iter().any(|p| matches(p, name)));
        component.libraries.extend(covered.cloned());
        if let Some(name) = license.file.file_name().filter(|_| license.file.is_file()) {
            let place = folder(&license.component).join(name);
            if !component.licenses.contains(&place) {
                staging.file(&license.file, &place)?;
                component.licenses.push(place);
            }
        }
    }
    let place = folder("launcher").join("NOTICE");
    staging.text(&place, NOTICE, false)?;
    declared(&mut components, "launcher").licenses.push(place);

    let real: BTreeMap<&String, Utf8PathBuf> = libraries
        .iter()
        .map(|(name, file)| (name, file.canonicalize_utf8().unwrap_or_else(|_| file.clone())))
        .collect();
    let linked = linked(spec)?;
    let owners = debian::owners(system, &linked.iter().chain(real.values()).cloned().collect())?;
    let mut packages: BTreeMap<&str, Vec<String>> =
        linked.iter().filter_map(|file| Some((owners.get(file)?.as_str(), Vec::new()))).collect();
    for (name, file) in &real {
        if let Some(package) = owners.get(file) {
            packages.entry(package).or_default().push((*name).clone());
        }
    }
    if spec.platform.os == Os::Darwin {
        homebrew::collect(&real, &mut components, staging)?;
    }
    let mut common = BTreeSet::new();
    let status = debian::Status::read(system)?;
    for (package, libraries) in packages {
        let mut licenses = Vec::new();
        if let Some(copyright) = debian::copyright(system, package) {
            let text = fs_err::read(&copyright)?;
            common.extend(debian::common_licenses(system, &String::from_utf8_lossy(&text)));
            let place = folder(package).join("copyright");
            staging.file(&copyright, &place)?;
            licenses.push(place);
        }
        let version = status.version(package).map(str::to_owned);
        let component = Component { libraries, licenses, origin: Origin::Debian, version };
        components.insert(package.to_owned(), component);
    }
    for text in common {
        staging.file(&text, &folder("common-licenses").join(text.file_name().unwrap_or_default()))?;
    }
    for component in components.values_mut() {
        component.libraries.sort();
        component.libraries.dedup();
        component.licenses.sort();
    }
    Ok(components)
}

/// The files of this machine that are part of the package without being files of it. A shared library that was linked is
/// packed as it is, or left to the host.
fn linked(spec: &PackageSpec) -> Result<BTreeSet<Utf8PathBuf>, PackError> {
    let all =
        spec.links.as_ref().map(|directory| crate::links::linked(directory)).transpose()?.unwrap_or_default();
    let is_shared = |file: &Utf8PathBuf| file.file_name().is_some_and(|name| name.contains(".so"));
    let real = |file: Utf8PathBuf| file.canonicalize_utf8().unwrap_or(file);
    Ok(all.into_iter().filter(|file| !is_shared(file)).map(real).collect())
}

fn declared<'a>(components: &'a mut BTreeMap<String, Component>, name: &str) -> &'a mut Component {
    components.entry(name.to_owned()).or_insert_with(|| Component {
        libraries: Vec::new(),
        licenses: Vec::new(),
        origin: Origin::Declared,
        version: None,
    })
}

fn folder(component: &str) -> Utf8PathBuf {
    Utf8Path::new("licenses").join(component.replace('/', "_"))
}
