//! Names of targets and groups.

use std::fmt;

/// A name that bake accepts for a target or a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct TargetName(String);

/// The text cannot name a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a bake target: use letters, digits, `-` and `_`")]
pub struct TargetNameError(String);

impl TargetName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for TargetName {
    type Err = TargetNameError;
    fn from_str(text: &str) -> Result<Self, TargetNameError> {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !text.is_empty() && text.chars().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TargetNameError(text.to_owned()))
        }
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_bake_refuses() {
        assert_eq!("ccache-load".parse::<TargetName>().unwrap().as_str(), "ccache-load");
        for bad in ["", "llama.cpp", "a/b", "a b", "ä"] {
            assert!(bad.parse::<TargetName>().is_err(), "{bad}");
        }
    }
}
