//! Versions of macOS, as load commands hold them.

use std::fmt;
use std::str::FromStr;

/// A version of macOS, as in `12.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second.
    pub minor: u8,
    /// The third.
    pub patch: u8,
}

impl Version {
    pub(crate) fn unpack(word: u32) -> Self {
        let [patch, minor, low, high] = word.to_le_bytes();
        Self { major: u16::from_le_bytes([low, high]), minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 { write!(f, ".{}", self.patch) } else { Ok(()) }
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no version of macOS, as in `12.0`");
        let mut parts = text.split('.');
        let major = parts.next().and_then(|part| part.parse().ok()).ok_or_else(wrong)?;
        let mut next = || parts.next().map_or(Ok(0), |part| part.parse().map_err(|_| wrong()));
        let (minor, patch) = (next()?, next()?);
        if parts.next().is_some() { Err(wrong()) } else { Ok(Self { major, minor, patch }) }
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_compared_as_numbers() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("9.4") < version("12"));
        assert!(version("12.0.1") > version("12.0"));
        assert_eq!(version("12"), Version::unpack(12 << 16));
        assert_eq!(Version::unpack(0x000d_0301).to_string(), "13.3.1");
        assert_eq!(version("12").to_string(), "12.0");
        for wrong in ["", "x", "12.", "12.0.0.0", "12.256", "-1"] {
            assert!(wrong.parse::<Version>().is_err(), "{wrong}");
        }
    }
}
