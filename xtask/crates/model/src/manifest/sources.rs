//! `backend/sources.yaml`: its shape, and what no shape says.

use super::issue::Issues;
use super::trail::Trail;
use super::words::{distinct, filled, globs, listed, url};
use crate::name::PinName;
use crate::source::{Mirror, Pin, Repository, Upstream, Wheel};
use crate::text::table::{Rows, rows};
use std::collections::BTreeMap;

/// External sources, each at an exact version.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a mapping")]
#[schemars(rename = "Sources", title = "sources.yaml")]
pub(super) struct Written {
    /// Pins by name.
    #[serde(deserialize_with = "rows")]
    #[schemars(with = "Rows<PinName, Pin>")]
    pub sources: BTreeMap<PinName, Pin>,
    /// Programs of the Python package index by name, for builders whose distribution has them too old or not at all.
    #[serde(default, deserialize_with = "rows")]
    #[schemars(with = "Rows<PinName, Wheel>")]
    pub programs: BTreeMap<PinName, Wheel>,
    /// Package repositories that apt is told to trust, by name.
    #[serde(default, deserialize_with = "rows")]
    #[schemars(with = "Rows<PinName, Repository>")]
    pub repositories: BTreeMap<PinName, Repository>,
}

/// Checks all pins; `None` when there are issues.
pub(super) fn check(file: Written, issues: &mut Issues) -> Option<Written> {
    let root = Trail::root();
    let trail = root.key("sources");
    for (name, row) in &file.sources {
        pin(issues, trail.key(name.as_str()), row);
    }
    let trail = root.key("programs");
    for (name, wheel) in &file.programs {
        let row = trail.key(name.as_str());
        filled(issues, row.key("package"), &wheel.package);
        filled(issues, row.key("version"), &wheel.version);
        if wheel.sha256.is_empty() {
            issues.key(row, "a program without a file", "give `amd64` or `arm64`".to_owned());
        }
        if file.sources.contains_key(name) {
            let help = "name one of them differently".to_owned();
            issues.key(row, format!("`{name}` is a source as well"), help);
        }
    }
    let trail = root.key("repositories");
    for (name, repository) in &file.repositories {
        let row = trail.key(name.as_str());
        url(issues, row.key("uri"), &repository.uri);
        url(issues, row.key("key"), &repository.key);
    }
    issues.is_empty().then_some(file)
}

fn pin(issues: &mut Issues, trail: Trail<'_>, pin: &Pin) {
    filled(issues, trail.key("version"), &pin.version);
    filled(issues, trail.key("license"), &pin.license);
    upstream(issues, trail.key("upstream"), &pin.upstream);
    if pin.submodules && !matches!(pin.upstream, Upstream::Git { .. } | Upstream::GitTag { .. }) {
        let message = "only a git repository has submodules";
        issues.key(trail.key("submodules"), message, "remove `submodules`".to_owned());
    }
    if pin.tree.is_none() && !pin.mirrors.is_empty() {
        let help = "add `tree: <sha256>`: it proves that every mirror has the same files; \
                    `cargo xtask sources --update` computes it";
        issues.key(trail, "a source with mirrors and without a checksum of its tree", help.to_owned());
    }
    globs(issues, trail.key("exclude"), &pin.exclude);
    let list = trail.key("mirrors");
    for (index, place) in pin.mirrors.iter().enumerate() {
        mirror(issues, list.index(index), place);
    }
    distinct(issues, trail.key("patches"), &pin.patches);
    let files = trail.key("license-files");
    listed(issues, files, &pin.license_files, "name the file of the source that holds its licence");
    distinct(issues, files, &pin.license_files);
}

fn upstream(issues: &mut Issues, trail: Trail<'_>, upstream: &Upstream) {
    match upstream {
        Upstream::Git { url, commit: _ } => self::url(issues, trail.key("git").key("url"), url),
        Upstream::GitTag { url, tag, reason } => {
            let place = trail.key("git-tag");
            self::url(issues, place.key("url"), url);
            filled(issues, place.key("tag"), tag);
            filled(issues, place.key("reason"), reason);
        }
        Upstream::Archive { url, .. } => self::url(issues, trail.key("archive").key("url"), url),
        Upstream::Crate { package, version, .. } => packaged(issues, trail.key("crate"), package, version),
    }
}

fn mirror(issues: &mut Issues, trail: Trail<'_>, mirror: &Mirror) {
    match mirror {
        Mirror::Path { path } => filled(issues, trail.key("path"), path.as_str()),
        Mirror::Git { url } => self::url(issues, trail.key("git").key("url"), url),
        Mirror::Archive { url, .. } => self::url(issues, trail.key("archive").key("url"), url),
        Mirror::PypiSdist { package, version, .. } => {
            packaged(issues, trail.key("pypi-sdist"), package, version);
        }
        Mirror::Crate { package, version, .. } => packaged(issues, trail.key("crate"), package, version),
        Mirror::DebianSource { package, version, .. } => {
            packaged(issues, trail.key("debian-source"), package, version);
        }
    }
}

fn packaged(issues: &mut Issues, trail: Trail<'_>, package: &str, version: &str) {
    filled(issues, trail.key("package"), package);
    filled(issues, trail.key("version"), version);
}
