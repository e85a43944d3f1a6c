//! References: a repository with a tag, a digest, or both.

use super::{ImageDigest, ParseError, Repository, Tag};
use std::fmt;

/// An image reference, such as `quay.io/go-skynet/ci-cache:base-grpc-amd64@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Where.
    pub repository: Repository,
    /// By name, if one is given.
    pub tag: Option<Tag>,
    /// By content, if it is given; then the tag is only for people.
    pub digest: Option<ImageDigest>,
}

/// What is asked for within a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pointer {
    /// Whatever the tag names now.
    Tag(Tag),
    /// Exactly this.
    Digest(ImageDigest),
}

const WHAT: &str = "an image reference";

written_as_text!(Reference);

impl Reference {
    /// What a registry is asked for: the digest, else the tag, else `latest`.
    pub fn pointer(&self) -> Pointer {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => Pointer::Digest(digest.clone()),
            (None, Some(tag)) => Pointer::Tag(tag.clone()),
            (None, None) => Pointer::Tag(Tag::latest()),
        }
    }
}

impl std::str::FromStr for Reference {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                let digest: Result<ImageDigest, ParseError> = digest.parse();
                (rest, Some(digest.map_err(|error| error.within(WHAT, text, rest.len() + 1))?))
            }
            None => (text, None),
        };
        // A colon before the last slash is that of a port.
        let start = rest.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match rest.get(start..).and_then(|last| last.find(':')) {
            Some(at) => {
                let (name, tag) = rest.split_at(start + at);
                let tag: Result<Tag, ParseError> = tag.strip_prefix(':').unwrap_or(tag).parse();
                (name, Some(tag.map_err(|error| error.within(WHAT, text, name.len() + 1))?))
            }
            None => (rest, None),
        };
        let repository: Result<Repository, ParseError> = name.parse();
        let repository = repository.map_err(|error| error.within(WHAT, text, 0))?;
        Ok(Self { repository, tag, digest })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, "{tag}"),
            Self::Digest(digest) => write!(f, "{digest}"),
        }
    }
}

impl From<Tag> for Pointer {
    fn from(tag: Tag) -> Self {
        Self::Tag(tag)
    }
}

impl From<ImageDigest> for Pointer {
    fn from(digest: ImageDigest) -> Self {
        Self::Digest(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_survive_being_written() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        for (text, canonical, asked) in [
            ("ubuntu", "docker.io/library/ubuntu", "latest"),
            ("ubuntu:24.04", "docker.io/library/ubuntu:24.04", "24.04"),
            ("localhost:5000/x", "localhost:5000/x", "latest"),
            ("localhost:5000/x:y", "localhost:5000/x:y", "y"),
            (&format!("a/b@{digest}"), &format!("docker.io/a/b@{digest}"), &digest),
            (&format!("q.io/b:t@{digest}"), &format!("q.io/b:t@{digest}"), &digest),
        ] {
            let reference: Reference = text.parse().unwrap();
            assert_eq!(reference.to_string(), canonical);
            assert_eq!(canonical.parse::<Reference>().unwrap(), reference);
            assert_eq!(reference.pointer().to_string(), asked);
        }
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        for (text, at) in [
            ("", 0),
            ("a:", 2),
            ("a::b", 2),
            ("a:b:c", 3),
            ("a@sha256:12", 11),
            ("a@", 2),
            ("A", 0),
            ("quay.io/a:b/c", 9),
            (":tag", 0),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap_err().at(), at, "{text}");
        }
    }
}
