//! `backend/sources.yaml`: raw to checked.

use super::issue::Issues;
use super::raw::{RawMirror, RawPin, RawRepository, RawSources, RawUpstream, RawWheel};
use super::trail::Trail;
use super::words::{distinct, filled, glob, inside, listed, parse, parse_key};
use crate::name::PinName;
use crate::platform::Arch;
use crate::source::{Fingerprint, Mirror, Pin, Repository, Sha256, Upstream, Wheel};
use camino::Utf8PathBuf;
use std::collections::BTreeMap;

/// The checked file.
pub(super) struct SourcesFile {
    pub(super) pins: BTreeMap<PinName, Pin>,
    pub(super) wheels: BTreeMap<PinName, Wheel>,
    pub(super) repositories: BTreeMap<PinName, Repository>,
}

/// Checks all pins; `None` when there are issues.
pub(super) fn check(raw: RawSources, issues: &mut Issues) -> Option<SourcesFile> {
    let root = Trail::root();
    let trail = root.key("sources");
    let mut pins = BTreeMap::new();
    for (name, pin) in raw.sources.0 {
        if let Some(pin) = self::pin(issues, trail.key(&name), &name, pin) {
            pins.insert(pin.name.clone(), pin);
        }
    }
    let trail = root.key("programs");
    let mut wheels = BTreeMap::new();
    for (name, raw) in raw.programs.0 {
        if let Some(wheel) = wheel(issues, trail.key(&name), &name, raw) {
            if pins.contains_key(&wheel.name) {
                let help = Some("name one of them differently".to_owned());
                issues.key(trail.key(&name), format!("`{name}` is a source as well"), help);
            }
            wheels.insert(wheel.name.clone(), wheel);
        }
    }
    let trail = root.key("repositories");
    let mut repositories = BTreeMap::new();
    for (name, raw) in raw.repositories.0 {
        if let Some(repository) = repository(issues, trail.key(&name), &name, raw) {
            repositories.insert(repository.name.clone(), repository);
        }
    }
    issues.0.is_empty().then_some(SourcesFile { pins, wheels, repositories })
}

fn repository(issues: &mut Issues, trail: Trail<'_>, name: &str, raw: RawRepository) -> Option<Repository> {
    let name = parse_key::<PinName>(issues, trail, name);
    url(issues, trail.key("uri"), &raw.uri);
    url(issues, trail.key("key"), &raw.key);
    let fingerprint = parse::<Fingerprint>(issues, trail.key("fingerprint"), &raw.fingerprint);
    Some(Repository { name: name?, uri: raw.uri, key: raw.key, fingerprint: fingerprint? })
}

fn wheel(issues: &mut Issues, trail: Trail<'_>, name: &str, raw: RawWheel) -> Option<Wheel> {
    let name = parse_key::<PinName>(issues, trail, name);
    filled(issues, trail.key("package"), &raw.package);
    filled(issues, trail.key("version"), &raw.version);
    let mut sha256 = BTreeMap::new();
    for (arch, digest) in [(Arch::Amd64, &raw.amd64), (Arch::Arm64, &raw.arm64)] {
        if let Some(digest) = digest
            && let Some(digest) = parse::<Sha256>(issues, trail.key(arch.as_str()), digest)
        {
            sha256.insert(arch, digest);
        }
    }
    if raw.amd64.is_none() && raw.arm64.is_none() {
        issues.key(trail, "a program without a file", Some("give `amd64` or `arm64`".to_owned()));
    }
    Some(Wheel { name: name?, package: raw.package, version: raw.version, sha256 })
}

fn pin(issues: &mut Issues, trail: Trail<'_>, name: &str, raw: RawPin) -> Option<Pin> {
    let name = parse_key::<PinName>(issues, trail, name);
    filled(issues, trail.key("version"), &raw.version);
    filled(issues, trail.key("license"), &raw.license);
    let upstream = upstream(issues, trail.key("upstream"), raw.upstream);
    if raw.submodules && !matches!(upstream, None | Some(Upstream::Git { .. } | Upstream::GitTag { .. })) {
        let message = "only a git repository has submodules";
        issues.key(trail.key("submodules"), message, Some("remove `submodules`".to_owned()));
    }
    let tree = raw.tree.as_deref().and_then(|text| parse::<Sha256>(issues, trail.key("tree"), text));
    if raw.tree.is_none() && !raw.mirrors.is_empty() {
        let help = "add `tree: <sha256>`: it proves that every mirror has the same files; \
                    `cargo xtask sources --update` computes it";
        issues.key(trail, "a source with mirrors and without a checksum of its tree", Some(help.to_owned()));
    }
    let exclude = trail.key("exclude");
    distinct(issues, exclude, &raw.exclude);
    for (index, text) in raw.exclude.iter().enumerate() {
        if !text.trim().is_empty() {
            glob(issues, exclude.index(index), text);
        }
    }
    let list = trail.key("mirrors");
    let mirrors: Vec<Mirror> = raw
        .mirrors
        .into_iter()
        .enumerate()
        .filter_map(|(index, raw)| mirror(issues, list.index(index), raw))
        .collect();
    let patches = paths(issues, trail.key("patches"), &raw.patches);
    let files = trail.key("license-files");
    listed(issues, files, &raw.license_files, "name the file of the source that holds its licence");
    let license_files = paths(issues, files, &raw.license_files);
    Some(Pin {
        name: name?,
        version: raw.version,
        upstream: upstream?,
        submodules: raw.submodules,
        tree,
        exclude: raw.exclude,
        mirrors,
        patches,
        license: raw.license,
        license_files,
    })
}

fn paths(issues: &mut Issues, trail: Trail<'_>, texts: &[String]) -> Vec<Utf8PathBuf> {
    distinct(issues, trail, texts);
    let each = texts.iter().enumerate().filter(|(_, text)| !text.trim().is_empty());
    each.filter_map(|(index, text)| inside(issues, trail.index(index), text)).collect()
}

/// Reports unless exactly one kind is given.
fn one(issues: &mut Issues, trail: Trail<'_>, given: &[(&str, bool)]) -> bool {
    let named: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    let all: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    match named.as_slice() {
        [_] => true,
        [] => {
            issues.value(trail, "no kind of place", Some(format!("give one of {}", all.join(", "))));
            false
        }
        [first, second, ..] => {
            let message = format!("both `{first}` and `{second}`: a place has one kind");
            issues.key(trail.key(second), message, Some("keep one of them".to_owned()));
            false
        }
    }
}

fn upstream(issues: &mut Issues, trail: Trail<'_>, raw: RawUpstream) -> Option<Upstream> {
    let given = [
        ("git", raw.git.is_some()),
        ("git-tag", raw.git_tag.is_some()),
        ("archive", raw.archive.is_some()),
        ("crate", raw.krate.is_some()),
    ];
    if !one(issues, trail, &given) {
        return None;
    }
    if let Some(git) = raw.git {
        let place = trail.key("git");
        url(issues, place.key("url"), &git.url);
        let commit = parse(issues, place.key("commit"), &git.commit)?;
        return Some(Upstream::Git { url: git.url, commit });
    }
    if let Some(git) = raw.git_tag {
        let place = trail.key("git-tag");
        url(issues, place.key("url"), &git.url);
        filled(issues, place.key("tag"), &git.tag);
        filled(issues, place.key("reason"), &git.reason);
        return Some(Upstream::GitTag { url: git.url, tag: git.tag, reason: git.reason });
    }
    if let Some(archive) = raw.archive {
        let place = trail.key("archive");
        url(issues, place.key("url"), &archive.url);
        let (sha256, subdir) = bytes(issues, place, &archive.sha256, &archive.subdir);
        return Some(Upstream::Archive { url: archive.url, sha256: sha256?, subdir });
    }
    let packaged = raw.krate?;
    let place = trail.key("crate");
    filled(issues, place.key("package"), &packaged.package);
    filled(issues, place.key("version"), &packaged.version);
    let (sha256, subdir) = bytes(issues, place, &packaged.sha256, &packaged.subdir);
    Some(Upstream::Crate { package: packaged.package, version: packaged.version, sha256: sha256?, subdir })
}

fn mirror(issues: &mut Issues, trail: Trail<'_>, raw: RawMirror) -> Option<Mirror> {
    let given = [
        ("path", raw.path.is_some()),
        ("git", raw.git.is_some()),
        ("archive", raw.archive.is_some()),
        ("pypi-sdist", raw.pypi_sdist.is_some()),
        ("crate", raw.krate.is_some()),
        ("debian-source", raw.debian_source.is_some()),
    ];
    if !one(issues, trail, &given) {
        return None;
    }
    if let Some(path) = raw.path {
        return filled(issues, trail.key("path"), &path).then(|| Mirror::Path { path: path.into() });
    }
    if let Some(git) = raw.git {
        url(issues, trail.key("git").key("url"), &git.url);
        return Some(Mirror::Git { url: git.url });
    }
    if let Some(archive) = raw.archive {
        let place = trail.key("archive");
        url(issues, place.key("url"), &archive.url);
        let (sha256, subdir) = bytes(issues, place, &archive.sha256, &archive.subdir);
        return Some(Mirror::Archive { url: archive.url, sha256: sha256?, subdir });
    }
    if let Some(debian) = raw.debian_source {
        let place = trail.key("debian-source");
        filled(issues, place.key("package"), &debian.package);
        filled(issues, place.key("version"), &debian.version);
        let subdir = subdir(issues, place.key("subdir"), &debian.subdir);
        return Some(Mirror::DebianSource { package: debian.package, version: debian.version, subdir });
    }
    let kind = if raw.pypi_sdist.is_some() { "pypi-sdist" } else { "crate" };
    let pypi = raw.pypi_sdist.is_some();
    let packaged = raw.pypi_sdist.or(raw.krate)?;
    let place = trail.key(kind);
    filled(issues, place.key("package"), &packaged.package);
    filled(issues, place.key("version"), &packaged.version);
    let (sha256, subdir) = bytes(issues, place, &packaged.sha256, &packaged.subdir);
    let (package, version, sha256) = (packaged.package, packaged.version, sha256?);
    Some(if pypi {
        Mirror::PypiSdist { package, version, sha256, subdir }
    } else {
        Mirror::Crate { package, version, sha256, subdir }
    })
}

/// Checksum and directory of an archive.
fn bytes(issues: &mut Issues, trail: Trail<'_>, sha256: &str, dir: &str) -> (Option<Sha256>, Utf8PathBuf) {
    (parse(issues, trail.key("sha256"), sha256), subdir(issues, trail.key("subdir"), dir))
}

fn subdir(issues: &mut Issues, trail: Trail<'_>, text: &str) -> Utf8PathBuf {
    if text.is_empty() { Utf8PathBuf::new() } else { inside(issues, trail, text).unwrap_or_default() }
}

fn url(issues: &mut Issues, trail: Trail<'_>, text: &str) {
    let known = ["https://", "http://", "file://", "git://", "ssh://"];
    if !known.iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())) {
        let help = format!("begin with one of {}", known.join(", "));
        issues.value(trail, format!("`{text}` is not a URL"), Some(help));
    } else if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        issues.value(trail, "a URL with a space in it", Some("write spaces as %20".to_owned()));
    }
}
