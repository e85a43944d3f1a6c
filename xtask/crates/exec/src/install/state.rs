//! What is installed, read from dpkg's and apt's own files: quicker than asking them.

use super::InstallError;
use camino::Utf8Path;
use plan::deps::{InstallPlan, State};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// Lists older than this are refreshed before something is installed.
const FRESH: Duration = Duration::from_hours(7 * 24);

/// The state of the system at `root` as far as `plan` asks for it.
pub(super) fn read(plan: &InstallPlan, root: &Utf8Path) -> Result<State, InstallError> {
    let wanted: BTreeSet<&str> = plan.packages().collect();
    let path = root.join("var/lib/dpkg/status");
    let status = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(InstallError::State { path, error }),
    };
    let here = |file: &str| root.join(file.trim_start_matches('/')).exists();
    Ok(State {
        packages: installed(&status, &wanted),
        files: plan.files().filter(|file| here(file)).map(str::to_owned).collect(),
        lists_fresh: lists_fresh(root),
    })
}

/// Packages of `wanted` that are installed, or provided by one that is. One pass: the file has tens of thousands of
/// lines.
fn installed(status: &str, wanted: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let (mut package, mut complete) = ("", false);
    for line in status.lines() {
        if let Some(value) = line.strip_prefix("Package: ") {
            (package, complete) = (value, false);
        } else if let Some(value) = line.strip_prefix("Status: ") {
            complete = value.ends_with(" ok installed");
            if complete && wanted.contains(package) {
                found.insert(package.to_owned());
            }
        } else if complete && let Some(value) = line.strip_prefix("Provides: ") {
            // dpkg writes it after the status.
            let names = value.split(", ").map(|entry| entry.split(' ').next().unwrap_or_default());
            found.extend(names.filter(|name| wanted.contains(name)).map(str::to_owned));
        }
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Package: git\nStatus: install ok installed\nVersion: 1:2.39\n\n\
        Package: ccache\nStatus: deinstall ok config-files\nVersion: 4.8\n\n\
        Package: half\nStatus: install ok half-configured\n\n\
        Package: pkgconf\nStatus: hold ok installed\nProvides: pkg-config (= 1.8), other\n";

    #[test]
    fn counts_what_is_installed_and_what_it_provides() {
        let wanted = ["git", "ccache", "half", "pkg-config", "absent"].into();
        assert_eq!(installed(STATUS, &wanted), ["git", "pkg-config"].map(str::to_owned).into());
    }
}
