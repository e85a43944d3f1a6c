//! Actions as commands: the only place that knows how something is installed.

use super::action::{Action, AptRepository};
use super::call::Call;
use super::tree::Trees;
use model::source::Repository;

/// Seconds that apt waits for another apt to finish.
const LOCK_TIMEOUT: u32 = 600;

fn apt_get(verb: &str) -> Call {
    Call::root("apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .arg("-o")
        .arg(format!("DPkg::Lock::Timeout={LOCK_TIMEOUT}"))
        .args(["-o", "Acquire::Retries=3", verb])
}

/// A download that fails where a server answers with an error page, and that is never in the clear.
pub(super) fn curl(url: &str, to: &str) -> Call {
    Call::root("curl")
        .args(["--fail", "--silent", "--show-error", "--location", "--retry", "3"])
        .args(["--proto", "=https", "--output", to, url])
}

/// Write a file that everybody may read.
pub(super) fn write(path: &str, text: &str) -> Call {
    Call::root("tee").arg(path).stdin(text)
}

impl AptRepository {
    fn calls(&self) -> Vec<Call> {
        let Repository { name, uri: _, key, fingerprint } = &self.pinned;
        let fingerprint = fingerprint.as_str();
        let path = |suffix: &str| format!("/etc/apt/keyrings/{name}{suffix}");
        let gpg = |args: &[&str]| Call::root("gpg").args(["--batch", "--yes"]).args(args.iter().copied());
        let component =
            self.component.map_or_else(String::new, |component| format!("Components: {component}\n"));
        let sources = format!(
            "Types: deb\nURIs: {}\nSuites: {}\n{component}Signed-By: {}\n",
            self.uri,
            self.suite,
            path(".gpg")
        );
        vec![
            Call::root("install").args(["-d", "-m", "0755", "/etc/apt/keyrings"]),
            curl(key, &path(".asc")),
            gpg(&["--output", &path(".all.gpg"), "--dearmor", &path(".asc")]),
            // Fails unless the wanted key is there, and drops any other that came along.
            gpg(&["--no-default-keyring", "--keyring", &path(".all.gpg"), "--list-keys", fingerprint]),
            gpg(&[
                "--no-default-keyring",
                "--keyring",
                &path(".all.gpg"),
                "--output",
                &path(".gpg"),
                "--export",
                fingerprint,
            ]),
            Call::root("chmod").args(["0644", &path(".gpg")]),
            write(&format!("/etc/apt/sources.list.d/{name}.sources"), &sources),
        ]
    }
}

impl Action {
    /// The commands that do it on a machine for which nobody fetched anything.
    pub fn calls(&self) -> Vec<Call> {
        self.calls_with(Trees::Downloaded)
    }

    /// The commands that do it.
    pub(super) fn calls_with(&self, trees: Trees) -> Vec<Call> {
        match self {
            Self::AptUpdate => vec![apt_get("update")],
            Self::AptInstall { .. } => {
                // What is there stays as it is: a script that runs twice changes nothing the second time.
                vec![
                    apt_get("install")
                        .args(["--yes", "--no-install-recommends", "--no-upgrade"])
                        .args(self.packages()),
                ]
            }
            Self::AptRepository(repository) => repository.calls(),
            Self::AptMirror { call } | Self::Run { call } => vec![call.clone()],
            Self::Tree { source, to } => source.calls(trees, to),
        }
    }
}
