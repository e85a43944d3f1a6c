//! What a build finds in its staged tree and on its machine beyond the declared inputs.

use crate::name::PinName;
use crate::text::path::PlainPath;

/// The tree of a source, laid into the staged tree before the first step.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Placed {
    /// One of the backend's `sources`.
    pub source: PinName,
    /// The directory that it becomes, from the repository's root; nothing lies there.
    pub at: PlainPath,
}

/// What a build needs installed beyond its family's own, by package manager.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildPackages {
    /// Debian packages: their versions, and those of all that they depend on, are in the key of a native build.
    #[serde(default)]
    pub apt: Vec<DebianPackage>,
    /// Formulas of Homebrew, likewise.
    #[serde(default)]
    pub brew: Vec<Formula>,
}

/// The text is no name of a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}: use a-z, 0-9 and any of `{more}`, beginning with a letter or digit")]
pub struct PackageError {
    what: &'static str,
    text: String,
    more: &'static str,
}

fn check(what: &'static str, more: &'static str, text: String) -> Result<String, PackageError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    // apt removes a package whose name has a `-` behind it, and installs one with a `+`.
    let ends = text.starts_with(plain) && (text.ends_with(plain) || text.ends_with("++"));
    if ends && text.len() <= 100 && text.chars().all(|c| plain(c) || more.contains(c)) {
        Ok(text)
    } else {
        Err(PackageError { what, text, more })
    }
}

checked_text!(
    /// The name of a Debian package.
    DebianPackage,
    "debian-package",
    PackageError,
    |text| check("Debian package", "+-.", text)
);
checked_text!(
    /// The name of a formula of Homebrew.
    Formula,
    "homebrew-formula",
    PackageError,
    |text| check("formula", "+-.@_", text)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_names_and_nothing_else() {
        for name in ["g++", "libc6-dev", "libstdc++6", "python3.11"] {
            assert_eq!(name.parse::<DebianPackage>().unwrap().as_str(), name);
        }
        for text in ["", "-y", "libc6-", "vim+", "a/b", "A", "a b", "x=1", "a@b"] {
            assert!(text.parse::<DebianPackage>().is_err(), "{text}");
        }
        assert!("openssl@3".parse::<Formula>().is_ok());
    }
}
