//! Asks programs and dpkg what they are.

use crate::environment::Sealed;
use crate::programs::Program;
use camino::Utf8Path;
use debian::Status;
use halt::Run;
use model::macos::Homebrew;
use std::collections::BTreeMap;
use std::process::Command;

/// A program by what it says of its version and, where no package of the distribution stands for it, by its content.
pub(super) fn program(
    name: &str,
    program: &Program,
    sealed: &Sealed,
    directory: &Utf8Path,
) -> Option<String> {
    let line = version_line(name, program, sealed, directory)?;
    if crate::programs::is_free(name) {
        return Some(format!("{line} · {}", &digest(&program.path)?[..12]));
    }
    Some(line)
}

/// The first line of what a program says of its version, asked as builds run it.
pub fn version_line(name: &str, program: &Program, sealed: &Sealed, directory: &Utf8Path) -> Option<String> {
    let flags: &[&str] = match name {
        "go" => &["version"],
        // Of Apple's tools, compilers say which release they are of; what they link with is of the kit's.
        "xcrun" => &["--sdk", "macosx", "--show-sdk-build-version"],
        _ => &["--version"],
    };
    let mut command = Command::new(&program.path);
    command.args(flags).current_dir(directory).env_clear().envs(sealed.variables());
    let run = Run::new(command);
    let text = if program.is_settled { run.known_by_its_file() } else { run }.text()?;
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    // `go version` ends with the host's platform, which is not part of the tool's identity.
    Some(line.trim().trim_start_matches("go version ").to_owned())
}

/// A package of the distribution and all that it depends on, by the names of their facts.
pub(super) fn packages(installed: &Status, root: &str) -> Option<BTreeMap<String, String>> {
    let closure = installed.closure(root)?;
    Some(closure.into_iter().map(|(name, version)| (plan::package_fact(name), version.to_owned())).collect())
}

/// A formula and all that it needs, by the names of their facts.
pub(super) fn formulas(installed: &Homebrew, root: &str) -> Option<BTreeMap<String, String>> {
    let closure = installed.closure(root)?;
    Some(closure.into_iter().map(|(name, version)| (plan::formula_fact(name), version.to_owned())).collect())
}

/// What is in a file.
pub(super) fn digest(path: &Utf8Path) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs_err::File::open(path).ok()?).ok()?;
    Some(hasher.finalize().to_hex()[..16].to_owned())
}
