//! Versions of buildx, and what they can do.

use std::fmt;

/// A version of buildx.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
}

impl Version {
    /// The oldest that works: `bake` reads contexts, metadata and standard input as it does today, and tells its progress
    /// as JSON.
    pub const OLDEST: Self = Self { major: 0, minor: 13 };
    /// Since this one `bake` knows `--allow=fs.read=…`; from 0.20 on it refuses to read outside of the working directory
    /// without it.
    pub const FILE_RIGHTS: Self = Self { major: 0, minor: 18 };

    /// From what `docker buildx version` prints.
    pub fn parse(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let mut numbers = word.trim_start_matches('v').split('.');
            let mut number = || {
                let digits = numbers.next()?;
                let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                digits.get(..end)?.parse().ok()
            };
            Some(Self { major: number()?, minor: number()? })
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn reads_what_distributions_print() {
        for (text, expected) in [
            ("github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4", Some((0, 29))),
            ("github.com/docker/buildx v0.13.1 788433953af10f2a698f5c07611dddce2e08c7a0", Some((0, 13))),
            ("github.com/docker/buildx v1.0-rc1 0", Some((1, 0))),
            ("docker: 'buildx' is not a docker command.", None),
        ] {
            let version = expected.map(|(major, minor)| Version { major, minor });
            assert_eq!(Version::parse(text), version, "{text}");
        }
        assert!(Version { major: 0, minor: 9 } < Version::OLDEST);
    }
}
