//! What a Mac holds: formulas of Homebrew, from the rows that Linux has its packages from.

use super::action::{Install, InstallPlan, InstallStep, Probe};
use super::error::DepsError;
use super::family::Family;
use super::rows::base::{Asked, ROWS};
use super::tree::Trees;
use crate::cmd::Cmd;
use model::grpc::Grpc;
use model::macos::homebrew_prefix;
use model::platform::Arch;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What keeps Homebrew from changing anything that it was not asked to, and from telling others what it was asked.
pub const QUIET: [&str; 4] = [
    "HOMEBREW_NO_AUTO_UPDATE",
    "HOMEBREW_NO_INSTALL_CLEANUP",
    "HOMEBREW_NO_INSTALL_UPGRADE",
    "HOMEBREW_NO_ANALYTICS",
];

/// The formulas that units of `family` are built with, in the order of the alphabet.
pub fn formulas_of(family: Family, arch: Arch) -> Vec<&'static str> {
    let asked = Asked { family, arch, distro: None, host: true, has_tool: false };
    let rows = ROWS.iter().filter(|row| (row.applies)(&asked));
    let names: BTreeSet<&str> = rows.flat_map(|row| row.formulas).copied().collect();
    names.into_iter().collect()
}

/// The file by which `brew bundle` installs them.
pub fn brewfile<'a>(formulas: impl IntoIterator<Item = &'a str>) -> String {
    formulas.into_iter().fold(String::new(), |file, name| file + "brew \"" + name + "\"\n")
}

/// What makes a Mac ready for `families`, in one step.
pub fn plan_mac(families: &[Family], arch: Arch) -> Result<InstallPlan, DepsError> {
    let all = families.iter().flat_map(|family| formulas_of(*family, arch));
    let formulas: Vec<Cow<'static, str>> =
        all.collect::<BTreeSet<_>>().into_iter().map(Cow::Borrowed).collect();
    let step = InstallStep {
        id: "homebrew".parse().map_err(|_| DepsError::BadTable)?,
        sources: Vec::new(),
        actions: vec![Install::Brew { arch, formulas: formulas.clone() }],
        done: Probe::Packages,
    };
    let mut units = Vec::new();
    for family in families {
        if let Family::Cpp(Grpc::Source(pin)) = family
            && !units.contains(pin)
        {
            units.push(*pin);
        }
    }
    let steps = if formulas.is_empty() { Vec::new() } else { vec![step] };
    Ok(InstallPlan { title: format!("macOS, {arch}"), trees: Trees::Downloaded, steps, units })
}

/// Installs what is missing, and nothing newer than what is there. Homebrew refuses to run as root.
pub(super) fn bundle(arch: Arch, formulas: &[Cow<'static, str>]) -> Cmd {
    let brew = Cmd::user(format!("{}/bin/brew", homebrew_prefix(arch)));
    let quiet = QUIET.iter().fold(brew, |cmd, name| cmd.env(name, "1"));
    let file = brewfile(formulas.iter().map(AsRef::as_ref));
    quiet.args(["bundle", "install", "--no-upgrade", "--file=-"]).stdin(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::{PendingStep, State, render_sh};
    use model::grpc::GrpcPin;

    #[test]
    fn every_family_has_its_formulas() {
        let of = |family| formulas_of(family, Arch::Arm64).join(" ");
        assert_eq!(of(Family::Cpp(Grpc::System)), "ccache cmake grpc ninja pkgconf protobuf");
        assert_eq!(of(Family::Cpp(Grpc::Source(GrpcPin::Upstream))), "ccache cmake ninja pkgconf");
        assert_eq!(of(Family::Cpp(Grpc::Source(GrpcPin::Registry))), "ccache cmake ninja openssl@3 pkgconf");
        assert_eq!((of(Family::Golang), of(Family::Python)), ("go".to_owned(), "uv".to_owned()));
        // Xcode's linker and rustup's compiler are all that it needs.
        assert_eq!((of(Family::Rust), of(Family::Runtime)), (String::new(), String::new()));
    }

    #[test]
    fn a_script_for_a_mac_is_one_command() {
        let all = [Family::Cpp(Grpc::System), Family::Golang, Family::Python];
        insta::assert_snapshot!("macos-arm64", render_sh(&plan_mac(&all, Arch::Arm64).unwrap()));
        insta::assert_snapshot!("macos-amd64-go", render_sh(&plan_mac(&all[1..2], Arch::Amd64).unwrap()));
    }

    #[test]
    fn what_is_there_is_not_installed_again() {
        let plan = plan_mac(&[Family::Cpp(Grpc::System), Family::Golang], Arch::Arm64).unwrap();
        let mut found = State::default();
        found.packages.extend(["ccache", "cmake", "grpc", "ninja", "pkgconf", "protobuf"].map(str::to_owned));
        let left = plan.pending(&found);
        let [Install::Brew { formulas, .. }] = left.steps[0].actions.as_slice() else { panic!("{left:?}") };
        assert_eq!(formulas.as_slice(), ["go"]);
        found.packages.insert("go".to_owned());
        assert!(plan.pending(&found).steps.is_empty());
        // Nothing of it is root's.
        assert!(left.steps.iter().flat_map(PendingStep::lower).all(|action| !action.is_root()));
    }
}
