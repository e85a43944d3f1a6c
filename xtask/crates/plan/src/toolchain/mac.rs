//! What a Mac lacks before anything can be built on it: all of it at once, with what to do, and never by root.

use super::homebrew::{QUIET, brewfile};
use model::macos::{Homebrew, Macos, homebrew_prefix};
use model::platform::{Arch, Platform};

/// What builds ask of a Mac.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What this program was compiled for.
    pub platform: Platform,
    /// Formulas that must be there.
    pub formulas: &'a [&'a str],
    /// Disk space in MiB.
    pub disk_mib: u64,
    /// What there is of it.
    pub free_mib: u64,
    /// Whether root runs this.
    pub root: bool,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MacProblem {
    /// Compiled for another processor than the machine's.
    #[error(
        "this xtask was compiled for x86-64 and Rosetta translates it, so that all it builds would be for x86-64: \
         install Rust for Apple silicon (`rustup default stable-aarch64-apple-darwin`), and run it in a terminal that \
         `arch` calls arm64"
    )]
    Rosetta,
    /// Homebrew refuses to run as root, and files of root's are in its way later.
    #[error("root runs this, and Homebrew refuses to run as root: run it as yourself, without sudo")]
    Root,
    /// No compiler.
    #[error(
        "Apple's command-line tools are not installed: run `xcode-select --install`, and follow the window"
    )]
    NoTools,
    /// No Homebrew.
    #[error("Homebrew is not at {0}: install it as https://brew.sh says")]
    NoHomebrew(&'static str),
    /// Formulas are missing, or lie there and cannot be reached.
    #[error("{}", missing_text(.absent, .unreachable))]
    Formulas {
        /// Not installed.
        absent: Vec<String>,
        /// Installed, and not linked, or something that they need is missing.
        unreachable: Vec<String>,
    },
    /// Too little room.
    #[error(
        "{free_mib} MiB of disk space are free, and a build may need {wanted_mib} MiB: \
         run `cargo xtask cache gc --budget 5G`, or set XTASK_CACHE_DIR to a larger disk"
    )]
    Disk {
        /// What there is.
        free_mib: u64,
        /// What may be needed.
        wanted_mib: u64,
    },
}

fn missing_text(absent: &[String], unreachable: &[String]) -> String {
    let mut parts = Vec::new();
    if !absent.is_empty() {
        let quiet = QUIET.map(|name| format!("{name}=1 ")).concat();
        let file = brewfile(absent.iter().map(String::as_str)).trim_end().replace('\n', "\\n");
        let by_hand = format!("printf '{file}\\n' | {quiet}brew bundle install --no-upgrade --file=-");
        parts.push(format!("these formulas are not installed: {} ({by_hand})", absent.join(", ")));
    }
    if !unreachable.is_empty() {
        // A link of many stops at the first that fails.
        let by_hand: Vec<String> =
            unreachable.iter().map(|name| format!("brew link --overwrite {name}")).collect();
        let what = "these formulas are installed, and are not linked or lack what they need";
        parts.push(format!("{what}: {} ({}; brew missing)", unreachable.join(", "), by_hand.join("; ")));
    }
    format!("{}: run `cargo xtask install-base-deps`, or that by hand", parts.join("; "))
}

/// All that is wrong with a Mac for what is wanted of it.
pub fn mac_problems(macos: &Macos, wanted: &Wanted<'_>) -> Vec<MacProblem> {
    let mut problems = Vec::new();
    if macos.rosetta {
        problems.push(MacProblem::Rosetta);
    }
    if wanted.root {
        problems.push(MacProblem::Root);
    }
    if macos.developer_dir.is_none() {
        problems.push(MacProblem::NoTools);
    }
    // A translated program would look for Intel's Homebrew; the one that is wanted is the machine's own.
    let arch = if macos.rosetta { Arch::Arm64 } else { wanted.platform.arch };
    match &macos.homebrew {
        _ if wanted.formulas.is_empty() => {}
        None => problems.push(MacProblem::NoHomebrew(homebrew_prefix(arch))),
        Some(brew) => problems.extend(formulas(brew, wanted.formulas)),
    }
    if wanted.free_mib < wanted.disk_mib {
        problems.push(MacProblem::Disk { free_mib: wanted.free_mib, wanted_mib: wanted.disk_mib });
    }
    problems
}

fn formulas(brew: &Homebrew, wanted: &[&str]) -> Option<MacProblem> {
    let open = wanted.iter().filter(|name| !brew.has(name)).map(|name| (*name).to_owned());
    let (unreachable, absent): (Vec<String>, Vec<String>) =
        open.partition(|name| brew.formulas.contains_key(name));
    (!absent.is_empty() || !unreachable.is_empty()).then_some(MacProblem::Formulas { absent, unreachable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::{Family, formulas_of};
    use model::captured_host::CapturedHost;
    use model::grpc::Grpc;

    fn told(host: &CapturedHost, family: Family, root: bool) -> String {
        let formulas = formulas_of(family, host.platform.arch);
        let wanted = Wanted {
            platform: host.platform,
            formulas: &formulas,
            disk_mib: 2100,
            free_mib: host.disk_mib,
            root,
        };
        let problems = mac_problems(host.macos.as_ref().unwrap(), &wanted);
        problems.iter().fold(String::new(), |told, problem| told + &problem.to_string() + "\n")
    }

    fn host(name: &str) -> CapturedHost {
        let text = match name {
            "arm64" => include_str!("../../../../../tests/fixtures/hosts/mac-arm64.yaml"),
            "amd64" => include_str!("../../../../../tests/fixtures/hosts/mac-amd64.yaml"),
            _ => include_str!("../../../../../tests/fixtures/hosts/mac-bare.yaml"),
        };
        CapturedHost::read(text).unwrap()
    }

    #[test]
    fn a_mac_that_is_ready_has_no_problem() {
        for family in [Family::Cpp(Grpc::System), Family::Golang, Family::Python, Family::Rust] {
            assert_eq!(told(&host("arm64"), family, false), "");
        }
        assert_eq!(told(&host("amd64"), Family::Cpp(Grpc::System), false), "");
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        insta::assert_snapshot!("bare", told(&host("bare"), Family::Cpp(Grpc::System), true));
        // Rust wants nothing of Homebrew.
        assert!(!told(&host("bare"), Family::Rust, false).contains("Homebrew"));
    }

    #[test]
    fn what_is_absent_and_what_is_not_linked_are_told_apart() {
        let mut mac = host("arm64");
        let brew = mac.macos.as_mut().unwrap().homebrew.as_mut().unwrap();
        brew.formulas.remove("ninja");
        brew.formulas.remove("zstd");
        brew.formulas.get_mut("cmake").unwrap().reachable = false;
        // ccache is there, and its library is not: it is not to be run.
        insta::assert_snapshot!("formulas", told(&mac, Family::Cpp(Grpc::System), false));
    }
}
