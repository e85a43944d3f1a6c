//! Versions of tools, as far as what they can do depends on them.

use std::fmt;

/// The first two numbers of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
}

impl Version {
    /// A version.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// The first version in what a tool says of itself: `1.13.2` as well as `go version go1.26.8 linux/amd64`.
    pub fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let mut numbers = word.trim_start_matches(|c: char| c.is_ascii_alphabetic()).split('.');
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
    fn reads_what_tools_print() {
        for (text, expected) in [
            ("github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4", Some((0, 29))),
            ("github.com/docker/buildx v0.13.1 788433953af10f2a698f5c07611dddce2e08c7a0", Some((0, 13))),
            ("github.com/docker/buildx v1.0-rc1 0", Some((1, 0))),
            ("docker: 'buildx' is not a docker command.", None),
            ("go version go1.26.8 linux/amd64", Some((1, 26))),
            ("uv 0.5.11", Some((0, 5))),
            ("1.13.0.git", Some((1, 13))),
            ("nonsense", None),
        ] {
            let version = expected.map(|(major, minor)| Version { major, minor });
            assert_eq!(Version::find(text), version, "{text}");
        }
        assert!(Version::new(0, 9) < Version::new(0, 13));
    }
}
