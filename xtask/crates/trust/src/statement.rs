//! What is said of a tag: which digest it names, in which repository, and who made that.

use model::oci::{ImageDigest, Repository, Tag};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The type of what is said, as other programs ask for it.
pub const PREDICATE_TYPE: &str = "urn:inference-backends:cached:v1";
/// What cosign says of an image that it signs.
pub const IMAGE_TYPE: &str = "https://sigstore.dev/cosign/sign/v1";
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// Who made something: a workflow at a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// The workflow, as a URL with its reference; a text of the maker's where there is none.
    pub workflow: String,
    /// The commit that it was made of.
    pub revision: String,
}

/// What is said of one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The tag: the key, and what kind of thing has it.
    pub key: Tag,
    /// Where it stands.
    pub repository: Repository,
    /// What it names.
    pub digest: ImageDigest,
    /// Who made that.
    #[serde(flatten)]
    pub maker: Maker,
}

/// What a statement must be about.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The tag.
    pub key: &'a Tag,
    /// Where it stands.
    pub repository: &'a Repository,
    /// What it names.
    pub digest: &'a ImageDigest,
}

/// Why something is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody signed it.
    #[error("nobody says who made it")]
    Unsigned,
    /// Nobody who is trusted signed it.
    #[error("it is signed by nobody whom `registry: trust:` names")]
    Untrusted,
    /// Nothing here can tell who signed it.
    #[error("it is signed by an identity, and cosign, which verifies that, is not on PATH or does not run")]
    NoVerifier,
    /// What is signed is about something else.
    #[error("what is signed is about another {0}")]
    Other(&'static str),
    /// What is signed cannot be read.
    #[error("what is signed is no statement about a cached result")]
    Unreadable,
}

impl Refusal {
    /// The one of two that says more: strangers may attach what they like beside what is ours.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let weight = |refusal: &Self| match refusal {
            Self::Unsigned => 0,
            Self::Unreadable => 1,
            Self::Untrusted => 2,
            Self::NoVerifier => 3,
            Self::Other(_) => 4,
        };
        if weight(&other) > weight(&self) { other } else { self }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InToto<P> {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
    predicate: P,
}

#[derive(Serialize, Deserialize)]
struct Subject {
    #[serde(default)]
    name: String,
    digest: BTreeMap<String, String>,
}

fn in_toto<P>(
    repository: &Repository,
    digest: &ImageDigest,
    predicate_type: &str,
    predicate: P,
) -> InToto<P> {
    let subject = Subject {
        name: repository.to_string(),
        digest: BTreeMap::from([(digest.algorithm().as_str().to_owned(), digest.hex().to_owned())]),
    };
    InToto {
        kind: STATEMENT.to_owned(),
        subject: vec![subject],
        predicate_type: predicate_type.to_owned(),
        predicate,
    }
}

/// What cosign would sign of an image.
pub fn image_statement(repository: &Repository, digest: &ImageDigest) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&in_toto(repository, digest, IMAGE_TYPE, serde_json::Map::new()))
}

impl Statement {
    /// As in-toto writes it.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&in_toto(&self.repository, &self.digest, PREDICATE_TYPE, self))
    }

    /// Reads a payload. Whoever does that has seen who signed it.
    pub fn read(payload: &[u8]) -> Result<Self, Refusal> {
        let read: InToto<Self> = serde_json::from_slice(payload).map_err(|_| Refusal::Unreadable)?;
        let is_subject = |subject: &Subject| {
            let Self { digest, .. } = &read.predicate;
            subject.digest.get(digest.algorithm().as_str()).is_some_and(|hex| hex == digest.hex())
        };
        let [subject] = read.subject.as_slice() else { return Err(Refusal::Unreadable) };
        let known = read.kind.starts_with("https://in-toto.io/Statement/") && is_subject(subject);
        if known && read.predicate_type == PREDICATE_TYPE {
            Ok(read.predicate)
        } else {
            Err(Refusal::Unreadable)
        }
    }

    /// Whether it is about this tag, here, and what it names now.
    pub fn check(&self, expected: Expected<'_>) -> Result<(), Refusal> {
        let Expected { key, repository, digest } = expected;
        match () {
            () if self.digest != *digest => Err(Refusal::Other("digest")),
            () if self.key != *key => Err(Refusal::Other("key")),
            () if self.repository != *repository => Err(Refusal::Other("repository")),
            () => Ok(()),
        }
    }
}
