//! What is installed, as dpkg, apt and Homebrew know it.

use super::InstallError;
use crate::brew;
use camino::Utf8Path;
use model::macos::homebrew_prefix;
use plan::toolchain::{InstallPlan, State};
use std::time::{Duration, SystemTime};

/// Lists older than this are refreshed before something is installed.
const FRESH: Duration = Duration::from_hours(7 * 24);

/// The state of the system at `root` as far as `plan` asks for it.
pub(super) fn read(plan: &InstallPlan, root: &Utf8Path) -> Result<State, InstallError> {
    if let Some(arch) = plan.homebrew() {
        let installed = brew::read(homebrew_prefix(arch).into()).unwrap_or_default();
        let packages = plan.packages().filter(|name| installed.has(name)).map(str::to_owned).collect();
        return Ok(State { packages, ..State::default() });
    }
    let path = root.join(debian::STATUS);
    let status = debian::Status::read(root).map_err(|error| InstallError::State { path, error })?;
    let here = |file: &str| root.join(file.trim_start_matches('/')).exists();
    Ok(State {
        packages: plan.packages().filter(|name| status.has(name)).map(str::to_owned).collect(),
        files: plan.files().filter(|file| here(file)).map(str::to_owned).collect(),
        lists_fresh: lists_fresh(root),
    })
}

fn lists_fresh(root: &Utf8Path) -> bool {
    let lists = root.join("var/lib/apt/lists");
    let filled = lists.read_dir_utf8().is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().contains("_Packages")))
    });
    // The files keep the archive's times; the directory and the cache built from it have this machine's.
    let times = [lists, root.join("var/cache/apt/pkgcache.bin")];
    let newest = times.iter().filter_map(|path| path.metadata().ok()?.modified().ok()).max();
    let age = newest.and_then(|time| SystemTime::now().duration_since(time).ok());
    filled && age.is_some_and(|age| age < FRESH)
}
