//! Programs of the Python package index: is what is pinned there, and what is the newest?

use crate::ask;
use crate::edit::Change;
use crate::error::{FetchError, MirrorError};
use crate::fetcher::Fetcher;
use crate::pypi::{File, Indexes, release, wheel_version};
use crate::update::Update;
use model::platform::Arch;
use model::source::{Repository, Sha256, Wheel};
use std::collections::BTreeSet;

impl Fetcher<'_> {
    /// Asks the index whether it has every file of `wheel`; none when offline.
    pub fn check_wheel(&self, wheel: &Wheel) -> Option<Result<(), MirrorError>> {
        (!self.offline).then(|| {
            let files = self.wheel_files(wheel)?;
            for (arch, digest) in &wheel.sha256 {
                if !files.iter().any(|file| file.sha256.as_ref() == Some(digest)) {
                    let text =
                        format!("no file of {} {} for {arch} has that sha256", wheel.package, wheel.version);
                    return Err(MirrorError::Unusable(text));
                }
            }
            Ok(())
        })
    }

    /// Asks whether the key of `repository` can be had; nothing when offline.
    pub fn check_repository(&self, repository: &Repository) -> Option<Result<(), MirrorError>> {
        (!self.offline).then(|| ask::probe(&repository.key, &self.transfer))
    }

    /// Finds `version`, or the newest final release that has a file for every architecture that is pinned.
    pub fn update_wheel(&self, wheel: &Wheel, version: Option<&str>) -> Result<Update, FetchError> {
        self.moved(wheel, version)
            .map_err(|error| FetchError::Update { pin: wheel.name.clone(), error: Box::new(error) })
    }

    fn moved(&self, wheel: &Wheel, wanted: Option<&str>) -> Result<Update, MirrorError> {
        if self.offline {
            return Err(MirrorError::Offline);
        }
        let files = self.wheel_files(wheel)?;
        let versions: BTreeSet<&str> = wheel
            .sha256
            .keys()
            .flat_map(|arch| {
                files.iter().filter_map(|file| wheel_version(&file.filename, &wheel.package, arch.machine()))
            })
            .filter(|version| wanted.is_none_or(|wanted| wanted == *version))
            .collect();
        let whole =
            |version: &&str| wheel.sha256.keys().all(|arch| digest(&files, wheel, *arch, version).is_some());
        let newest =
            versions.into_iter().filter(whole).filter_map(|version| Some((release(version)?, version))).max();
        let Some((_, version)) = newest else {
            let what = wanted.unwrap_or("a final release");
            let text = format!("the index has no files of {} {what} for all that is pinned", wheel.package);
            return Err(MirrorError::Unusable(text));
        };
        let mut changes =
            vec![Change { key: "version", old: wheel.version.clone(), new: version.to_owned() }];
        for (arch, old) in &wheel.sha256 {
            let new = digest(&files, wheel, *arch, version).unwrap_or(old);
            changes.push(Change { key: arch.as_str(), old: old.to_string(), new: new.to_string() });
        }
        changes.retain(|change| change.old != change.new);
        Ok(Update { version: version.to_owned(), changes })
    }

    fn wheel_files(&self, wheel: &Wheel) -> Result<Vec<File>, MirrorError> {
        Indexes::discover(&self.transfer)?.files(&wheel.package, &self.transfer)
    }
}

fn digest<'a>(files: &'a [File], wheel: &Wheel, arch: Arch, version: &str) -> Option<&'a Sha256> {
    let is = |file: &&File| wheel_version(&file.filename, &wheel.package, arch.machine()) == Some(version);
    files.iter().filter(|file| !file.yanked).find(is)?.sha256.as_ref()
}
