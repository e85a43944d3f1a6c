//! Digests of manifests and blobs.

use super::ParseError;
use crate::source::{Sha256, hex};
use sha2::Digest as _;
use std::{fmt, io};

/// A content digest, such as `sha256:9f86…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageDigest {
    algorithm: Algorithm,
    hex: String,
}

/// The algorithms that the OCI specification registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// What everybody uses.
    Sha256,
    /// Allowed, rare.
    Sha512,
}

const WHAT: &str = "a digest";

impl Algorithm {
    /// The name before the colon.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn digits(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }
}

written_as_text!(ImageDigest);

impl ImageDigest {
    /// The digest of some bytes, as registries compute it.
    pub fn sha256(bytes: &[u8]) -> Self {
        Sha256::digest(bytes).into()
    }

    /// The digest of all that `reader` yields.
    pub fn compute(algorithm: Algorithm, mut reader: impl io::Read) -> io::Result<Self> {
        Ok(match algorithm {
            Algorithm::Sha256 => Sha256::digest_reader(reader)?.into(),
            Algorithm::Sha512 => {
                let mut hasher = sha2::Sha512::new();
                io::copy(&mut reader, &mut hasher)?;
                Self { algorithm, hex: hex(&hasher.finalize()) }
            }
        })
    }

    /// How it was computed.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The digits behind the colon.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The name of a digest in a tag: `sha256-9f86…`, as registries without a referrers API want it.
    pub fn as_tag(&self) -> Option<super::Tag> {
        format!("{}-{}", self.algorithm.as_str(), self.hex).parse().ok()
    }
}

impl From<Sha256> for ImageDigest {
    fn from(digest: Sha256) -> Self {
        Self { algorithm: Algorithm::Sha256, hex: digest.into() }
    }
}

impl std::str::FromStr for ImageDigest {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = |at, expected| Err(ParseError::new(WHAT, text, at, expected));
        let (algorithm, hex) = match text.split_once(':') {
            Some(("sha256", hex)) => (Algorithm::Sha256, hex),
            Some(("sha512", hex)) => (Algorithm::Sha512, hex),
            _ => return wrong(0, "`sha256:` or `sha512:`"),
        };
        let start = algorithm.as_str().len() + 1;
        if let Some(at) = hex.find(|c: char| !(c.is_ascii_digit() || ('a'..='f').contains(&c))) {
            return wrong(start + at, "lower-case hex digits");
        }
        if hex.len() != algorithm.digits() {
            let expected = match algorithm {
                Algorithm::Sha256 => "64 hex digits in all",
                Algorithm::Sha512 => "128 hex digits in all",
            };
            return wrong(start + hex.len().min(algorithm.digits()), expected);
        }
        Ok(Self { algorithm, hex: hex.to_owned() })
    }
}

impl fmt::Display for ImageDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.as_str(), self.hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(ImageDigest::sha256(b"abc").hex(), abc);
        let streamed = |algorithm| ImageDigest::compute(algorithm, &b"abc"[..]).unwrap();
        assert_eq!(streamed(Algorithm::Sha256), ImageDigest::sha256(b"abc"));
        let long = streamed(Algorithm::Sha512);
        assert!(long.hex().starts_with("ddaf35a193617aba") && long.to_string().parse() == Ok(long));
    }

    #[test]
    fn digests_are_exact() {
        let hex = "0123456789abcdef".repeat(4);
        let digest: ImageDigest = format!("sha256:{hex}").parse().unwrap();
        assert_eq!((digest.algorithm(), digest.hex()), (Algorithm::Sha256, hex.as_str()));
        assert_eq!(digest.as_tag().unwrap().as_str(), format!("sha256-{hex}"));
        let long: ImageDigest = format!("sha512:{hex}{hex}").parse().unwrap();
        // 7 more than a tag may have.
        assert_eq!((long.to_string().len(), long.as_tag()), (135, None));
        for (text, at) in [
            (hex.clone(), 0),
            (format!("md5:{hex}"), 0),
            (format!("sha256:{}", &hex[1..]), 70),
            (format!("sha256:{hex}0"), 71),
            (format!("sha256:A{}", &hex[1..]), 7),
            (format!("sha256-{hex}"), 0),
        ] {
            assert_eq!(text.parse::<ImageDigest>().unwrap_err().at(), at, "{text}");
        }
    }
}
