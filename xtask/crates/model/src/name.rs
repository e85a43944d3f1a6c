//! Validated names: a backend, a variant, a pin.

use std::fmt;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}: use 1 to 64 of {allowed}")]
pub struct NameError {
    what: &'static str,
    text: String,
    allowed: &'static str,
}

fn check(what: &'static str, text: &str) -> Result<(), NameError> {
    let allowed = "a-z, 0-9, `-`, `_`, `+` and `.`, beginning with a letter or digit";
    if is_name(text) { Ok(()) } else { Err(NameError { what, text: text.to_owned(), allowed }) }
}

/// A name that becomes part of registry tags and artifact names, where `+` is not allowed and `--` ends a suffix.
fn check_tagged(what: &'static str, text: &str) -> Result<(), NameError> {
    let allowed = "a-z, 0-9, `-`, `_` and `.`, beginning and ending with a letter or digit, without `--`";
    let ends = text.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    if is_name(text) && ends && !text.contains('+') && !text.contains("--") {
        Ok(())
    } else {
        Err(NameError { what, text: text.to_owned(), allowed })
    }
}

fn is_name(text: &str) -> bool {
    let body = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.+".contains(c);
    let starts = text.chars().next().is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts && text.len() <= 64 && text.chars().all(body) && !text.contains("..")
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal) => {
        name!($(#[$doc])* $type, $what, check);
    };
    ($(#[$doc:meta])* $type:ident, $what:literal, $check:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $type(String);

        impl $type {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $type {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                $check($what, &text)?;
                Ok(Self(text))
            }
        }
        impl std::str::FromStr for $type {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::try_from(text.to_owned())
            }
        }
        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name!(
    /// One gRPC server: the last part of its directory `backend/<lang>/<name>`.
    BackendName,
    "backend name",
    check_tagged
);
name!(
    /// One way to build: a row of `backend/variants.yaml`.
    VariantName,
    "variant name"
);
name!(
    /// One external source: an entry of `backend/sources.yaml`.
    PinName,
    "source name"
);
name!(
    /// A prebuilt builder base, as in `cuda-12-amd64`: a row of `bases` in `backend/variants.yaml`.
    BaseName,
    "base name",
    check_tagged
);
name!(
    /// A root image, as in `cuda-12`: a row of `root-images` in `backend/variants.yaml`.
    RootName,
    "root image name"
);
name!(
    /// A label inside one plan: a step, or a build directory.
    Label,
    "label"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_and_refuses_paths() {
        for good in ["llama-cpp", "llama.cpp", "7zip", "libgrpc++"] {
            assert_eq!(good.parse::<PinName>().unwrap().as_str(), good);
        }
        for bad in ["", "..", "a..b", "a/b", "-x", "Llama", "a b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<PinName>().is_err(), "{bad}");
        }
        for bad in ["libgrpc++", "a--b", "a-", "a."] {
            assert!(bad.parse::<BackendName>().is_err(), "{bad}");
        }
    }
}
