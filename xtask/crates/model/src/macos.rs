//! What counts of a Mac beyond its platform: its system, Apple's tools, Homebrew, and the oldest system that packages are
//! for.

use crate::platform::{Arch, Os, Platform};
use camino::{Utf8Path, Utf8PathBuf};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The variable by which compilers and linkers learn the oldest system.
pub const DEPLOYMENT_TARGET: &str = "MACOSX_DEPLOYMENT_TARGET";

checked_text! {
    /// The oldest macOS that packages run on, as in `15.0`.
    DeploymentTarget, "macos-version" = r"^[1-9][0-9]\.[0-9]{1,2}$", DeploymentTargetError, |text| {
        let mut numbers = text.split('.').map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse()));
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Some(Ok(11..=99))), Some(Some(Ok(0..=99))), None) => Ok(text),
            _ => Err(DeploymentTargetError(text)),
        }
    }
}

/// The text is no version of macOS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of macOS")]
pub struct DeploymentTargetError(String);

impl DeploymentTargetError {
    /// What to write instead.
    pub const HELP: &str = "write two numbers in quotes, as in \"15.0\"; 11.0 is the oldest";
}

/// That of the oldest Macs that GitHub lends, whose libraries of Homebrew are made for no older one.
impl Default for DeploymentTarget {
    fn default() -> Self {
        Self(Cow::Borrowed("15.0"))
    }
}

/// Where Homebrew is, and nowhere else: bottles are made for that directory.
pub fn homebrew_prefix(arch: Arch) -> &'static str {
    match arch {
        Arch::Arm64 => "/opt/homebrew",
        Arch::Amd64 => "/usr/local",
    }
}

/// A Mac, as `doctor --capture` finds it.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Macos {
    /// The system's version, as in `15.1`.
    pub version: String,
    /// This program was compiled for x86-64 and runs on Apple silicon.
    #[serde(default)]
    pub rosetta: bool,
    /// Where Xcode or its command-line tools are; none where they are not installed.
    pub developer_dir: Option<Utf8PathBuf>,
    /// Homebrew; none where it is not installed.
    pub homebrew: Option<Homebrew>,
}

/// Homebrew and what it has installed.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Homebrew {
    /// Where it is.
    pub prefix: Utf8PathBuf,
    /// Its version; none where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Installed formulas.
    #[serde(default)]
    pub formulas: BTreeMap<String, Formula>,
}

/// An installed formula.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Formula {
    /// Version with revision, as the keg is called.
    pub version: String,
    /// Whether its files are reachable: in the prefix, or for one that is never linked there, below `opt`.
    #[serde(default = "truth", skip_serializing_if = "is_true")]
    pub reachable: bool,
    /// What it needs when it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
}

fn truth() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_true(value: &bool) -> bool {
    *value
}

impl Homebrew {
    /// A formula and all that it needs, by name; none where one of them is absent or cannot be reached.
    pub fn closure(&self, root: &str) -> Option<BTreeMap<&str, &str>> {
        let (mut open, mut seen) = (vec![root], BTreeSet::new());
        let mut closure = BTreeMap::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let (name, formula) = self.formulas.get_key_value(name)?;
            if !formula.reachable {
                return None;
            }
            closure.insert(name.as_str(), formula.version.as_str());
            open.extend(formula.needs.iter().map(String::as_str));
        }
        Some(closure)
    }

    /// Whether a formula and all that it needs are there.
    pub fn has(&self, name: &str) -> bool {
        self.closure(name).is_some()
    }
}

/// One version of a formula, where Homebrew has put it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keg<'a> {
    /// Its directory.
    pub dir: &'a Utf8Path,
    /// Which formula.
    pub formula: &'a str,
    /// Version with revision.
    pub version: &'a str,
}

impl<'a> Keg<'a> {
    /// That of a file, by its path without links: `…/Cellar/FORMULA/VERSION/…`.
    pub fn of(file: &'a Utf8Path) -> Option<Self> {
        file.ancestors().find_map(|dir| {
            let formula =
                dir.parent().filter(|formula| formula.parent().is_some_and(|up| up.ends_with("Cellar")))?;
            (dir != file).then_some(())?;
            Some(Self { dir, formula: formula.file_name()?, version: dir.file_name()? })
        })
    }
}

/// What packages for `platform` are made for: none but macOS has such a target.
pub fn target_of(platform: Platform, target: &DeploymentTarget) -> Option<DeploymentTarget> {
    (platform.os == Os::Darwin).then(|| target.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_two_numbers() {
        for text in ["11.0", "15.0", "26.1"] {
            assert_eq!(text.parse::<DeploymentTarget>().unwrap().as_str(), text);
        }
        for text in ["", "15", "10.15", "15.0.1", "+15.0", "15.x", "v15.0"] {
            assert!(text.parse::<DeploymentTarget>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_belongs_to_the_keg_that_it_lies_in() {
        let keg = Keg::of("/opt/homebrew/Cellar/openssl@3/3.6.0_1/lib/libssl.3.dylib".into()).unwrap();
        assert_eq!((keg.formula, keg.version), ("openssl@3", "3.6.0_1"));
        assert_eq!(keg.dir, "/opt/homebrew/Cellar/openssl@3/3.6.0_1");
        for path in
            ["/opt/homebrew/opt/grpc/lib/a.dylib", "/opt/homebrew/Cellar/grpc/1.76.0", "/Cellar/grpc", "a"]
        {
            assert_eq!(Keg::of(path.into()), None, "{path}");
        }
    }

    #[test]
    fn a_formula_counts_with_all_that_it_needs() {
        let formula = |needs: &[&str]| Formula {
            version: "1".to_owned(),
            reachable: true,
            needs: needs.iter().map(|name| (*name).to_owned()).collect(),
        };
        let mut brew = Homebrew {
            formulas: [("grpc", formula(&["abseil", "re2"])), ("re2", formula(&["abseil"]))]
                .map(|(name, formula)| (name.to_owned(), formula))
                .into(),
            ..Homebrew::default()
        };
        assert_eq!(brew.closure("grpc"), None, "abseil is absent");
        brew.formulas.insert("abseil".to_owned(), formula(&["grpc"]));
        let all: Vec<&str> = brew.closure("grpc").unwrap().into_keys().collect();
        assert_eq!(all, ["abseil", "grpc", "re2"], "a circle ends");
        brew.formulas.get_mut("abseil").unwrap().reachable = false;
        assert!(!brew.has("re2"), "what its library links to is not there");
    }
}
