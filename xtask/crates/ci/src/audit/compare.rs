//! Promise by promise: is it kept?

use super::finding::{Finding, Group, What};
use super::promise::{Leg, Promise};
use super::seen::{Entry, Files, Image, Named, Package, Seen, SeenRepository};
use model::oci::{ImageDigest, Repository};
use model::platform::Platform;
use model::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};

/// Files that are named of those that are missing.
const NAMED: usize = 5;

/// What came of an audit.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Promises that are not kept.
    pub findings: Vec<Finding>,
    /// What a reader should know, and that breaks no promise.
    pub notes: Vec<Finding>,
}

impl Report {
    /// With what came of another.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self.notes.extend(other.notes);
        self
    }

    /// Every promise is kept.
    pub fn is_complete(&self) -> bool {
        self.findings.is_empty()
    }

    /// Findings, then notes, by group.
    pub fn groups(&self) -> BTreeMap<Group, Vec<&Finding>> {
        let mut groups: BTreeMap<Group, Vec<&Finding>> = BTreeMap::new();
        for finding in self.findings.iter().chain(&self.notes) {
            groups.entry(finding.what.group()).or_default().push(finding);
        }
        groups
    }
}

/// Compares what is promised under `name`, such as `latest`, with what was seen.
pub fn compare(promises: &[Promise], name: &str, seen: &Seen) -> Report {
    let mut report = Report::default();
    for promise in promises {
        Audit { promise, name, seen, report: &mut report }.image();
    }
    for there in &seen.repositories {
        for tag in &there.unpromised {
            // A tag that resembles a promised one ends in a suffix.
            let suffix = tag.as_str().strip_prefix(name).unwrap_or_default().to_owned();
            let (repository, what) = (Some(there.repository.clone()), What::Unpromised { tag: tag.clone() });
            report.notes.push(Finding { suffix, repository, what });
        }
    }
    report.findings.sort();
    report.findings.dedup();
    report.notes.sort();
    report
}

/// One promise.
struct Audit<'a> {
    promise: &'a Promise,
    name: &'a str,
    seen: &'a Seen,
    report: &'a mut Report,
}

impl Audit<'_> {
    fn image(&mut self) {
        let tag = self.promise.tag(self.name);
        let mut digests: Vec<(Repository, ImageDigest)> = Vec::new();
        let mut images: BTreeSet<(String, ImageDigest)> = BTreeSet::new();
        for there in &self.seen.repositories {
            let Some(named) = tag.as_ref().and_then(|tag| there.tags.get(tag)) else {
                self.found(Some(there), What::Absent);
                continue;
            };
            digests.push((there.repository.clone(), named.digest.clone()));
            images.extend(named.legs.iter().cloned());
            self.platforms(there, named);
            self.parts(there, named);
        }
        if digests.iter().any(|(_, digest)| Some(digest) != digests.first().map(|(_, first)| first)) {
            self.found(None, What::Differs { digests });
        }
        for (platform, digest) in &images {
            if let Some(image) = self.seen.images.get(digest) {
                self.contents(platform, image);
            }
        }
        for leg in self.promise.legs.values() {
            self.built(leg);
        }
    }

    fn platforms(&mut self, there: &SeenRepository, named: &Named) {
        let mut left: BTreeSet<Platform> = self.promise.legs.keys().copied().collect();
        for (platform, digest) in &named.legs {
            let promised = platform.parse().is_ok_and(|platform: Platform| left.remove(&platform));
            if !promised {
                let (platform, digest) = (platform.clone(), digest.clone());
                self.found(Some(there), What::PlatformExtra { platform, digest });
            }
        }
        for platform in left {
            self.found(Some(there), What::PlatformMissing { platform });
        }
    }

    fn parts(&mut self, there: &SeenRepository, named: &Named) {
        for (_, image) in &named.legs {
            if there.gone.contains(image) {
                self.found(Some(there), What::ManifestGone { digest: image.clone() });
            }
            for digest in there.blobs_gone.get(image).into_iter().flatten() {
                let (image, digest) = (image.clone(), digest.clone());
                self.found(Some(there), What::BlobGone { image, digest });
            }
        }
    }

    fn contents(&mut self, listed: &str, image: &Image) {
        let platform = listed.to_owned();
        if image.platform != listed {
            let says = image.platform.clone();
            self.found(None, What::WrongPlatform { listed: platform.clone(), says });
        }
        let leg = listed.parse().ok().and_then(|platform: Platform| self.promise.legs.get(&platform));
        let Some(path) = image.entrypoint.clone() else {
            return self.found(None, What::NoEntrypoint { platform });
        };
        match &image.files {
            Files::Unread(bytes) => {
                let bytes = *bytes;
                self.note(What::Unread { platform, bytes });
            }
            Files::Read { entry, package } => {
                match entry {
                    Entry::Program => {}
                    Entry::NotExecutable => {
                        self.found(None, What::EntryNotExecutable { platform: platform.clone(), path });
                    }
                    Entry::Missing => {
                        self.found(None, What::EntryMissing { platform: platform.clone(), path });
                    }
                }
                self.package(platform, leg, package.as_ref());
            }
        }
        if let Some(leg) = leg {
            self.age(leg, image);
        }
    }

    fn package(&mut self, platform: String, leg: Option<&Leg>, package: Option<&Package>) {
        if leg.is_some_and(|leg| leg.of.unit().is_none()) {
            // Root images start packages, and hold none.
            return;
        }
        let Some(package) = package else { return self.found(None, What::NoPackage { platform }) };
        let Package { backend, variant, platform: on, missing } = package;
        let is = |leg: &Leg| {
            let unit = leg.of.unit();
            let same = |unit: &UnitId| unit.backend.as_str() == backend && unit.variant.as_str() == variant;
            unit.is_some_and(same) && *on == platform
        };
        if leg.is_some_and(|leg| !is(leg)) {
            let package = format!("{backend} · {variant} · {on}");
            self.found(None, What::OtherPackage { platform: platform.clone(), package });
        }
        if !missing.is_empty() {
            let files = missing.iter().take(NAMED).cloned().collect();
            self.found(None, What::FilesMissing { platform, files, count: missing.len() });
        }
    }

    /// Whether an image is this checkout's.
    fn age(&mut self, leg: &Leg, image: &Image) {
        let of = leg.of.clone();
        let Some(expected) = leg.key else { return self.note(What::KeyUnknown { of }) };
        if image.key == Some(expected.to_string()) {
            return;
        }
        let what = What::Stale { of, key: image.key.clone(), expected };
        if leg.floats { self.note(what) } else { self.found(None, what) }
    }

    /// Whether the next merge would find what it needs.
    fn built(&mut self, leg: &Leg) {
        let (Some(kept), Some(key)) = (&self.seen.kept, leg.key) else { return };
        if kept.of_key(key).into_image().is_some() {
            return;
        }
        let what = What::Unbuilt { of: leg.of.clone(), key };
        if leg.floats { self.note(what) } else { self.found(None, what) }
    }

    fn finding(&self, there: Option<&SeenRepository>, what: What) -> Finding {
        let suffix = self.promise.image.suffix().to_owned();
        Finding { suffix, repository: there.map(|there| there.repository.clone()), what }
    }

    fn found(&mut self, there: Option<&SeenRepository>, what: What) {
        let finding = self.finding(there, what);
        self.report.findings.push(finding);
    }

    fn note(&mut self, what: What) {
        let finding = self.finding(None, what);
        if !self.report.notes.contains(&finding) {
            self.report.notes.push(finding);
        }
    }
}
