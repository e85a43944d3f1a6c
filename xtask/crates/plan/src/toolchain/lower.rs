//! Installations as actions: the only place that knows how something is installed.

use super::action::Install;
use super::common::{curl, write};
use super::homebrew;
use crate::cmd::Cmd;
use crate::step::Action;
use model::source::Repository;

/// Seconds that apt waits for another apt to finish.
const LOCK_TIMEOUT: u32 = 600;

fn apt_get(verb: &str) -> Cmd {
    Cmd::root("apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .arg("-o")
        .arg(format!("DPkg::Lock::Timeout={LOCK_TIMEOUT}"))
        .args(["-o", "Acquire::Retries=3", verb])
}

fn repository(pinned: &Repository, suite: &str, component: Option<&str>) -> [Cmd; 7] {
    let Repository { name, uri, key, fingerprint } = pinned;
    let path = |suffix: &str| format!("/etc/apt/keyrings/{name}{suffix}");
    let gpg = |args: &[&str]| Cmd::root("gpg").args(["--batch", "--yes"]).args(args.iter().copied());
    let component = component.map_or_else(String::new, |component| format!("Components: {component}\n"));
    let signed_by = path(".gpg");
    let sources = format!("Types: deb\nURIs: {uri}\nSuites: {suite}\n{component}Signed-By: {signed_by}\n");
    let all = ["--no-default-keyring", "--keyring", &path(".all.gpg")];
    [
        Cmd::root("install").args(["-d", "-m", "0755", "/etc/apt/keyrings"]),
        curl(key, &path(".asc")),
        gpg(&["--output", all[2], "--dearmor", &path(".asc")]),
        // Fails unless the wanted key is there, and drops any other that came along.
        gpg(&all).args(["--list-keys", fingerprint.as_str()]),
        gpg(&all).args(["--output", &signed_by, "--export", fingerprint.as_str()]),
        Cmd::root("chmod").args(["0644", &signed_by]),
        write(&format!("/etc/apt/sources.list.d/{name}.sources"), &sources),
    ]
}

/// Installs packages of the distribution in an image.
pub(crate) fn apt_install(packages: &[&str]) -> [Action; 2] {
    let install = apt_get("install").args(["--yes", "--no-install-recommends", "--no-upgrade"]);
    [apt_get("update").into(), install.args(packages.iter().copied()).into()]
}

impl Install {
    /// The actions that do it.
    pub fn lower(&self) -> Vec<Action> {
        match self {
            Self::AptUpdate => vec![apt_get("update").into()],
            Self::AptInstall { packages } => {
                // What is there stays as it is: a script that runs twice changes nothing the second time.
                let install = apt_get("install").args(["--yes", "--no-install-recommends", "--no-upgrade"]);
                vec![install.args(packages.iter().map(AsRef::as_ref)).into()]
            }
            Self::AptRepository { pinned, suite, component } => {
                repository(pinned, suite, *component).map(Action::from).into()
            }
            Self::Brew { arch, formulas } => vec![homebrew::bundle(*arch, formulas).into()],
            Self::Do(action) => vec![action.clone()],
        }
    }
}
