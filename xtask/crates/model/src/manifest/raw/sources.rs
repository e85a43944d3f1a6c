//! `backend/sources.yaml` as it is written.

use super::Table;

/// External sources, each at an exact version.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Sources", title = "sources.yaml")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawSources {
    /// Pins by name.
    pub sources: Table<RawPin>,
    /// Programs of the Python package index by name, for builders whose distribution has them too old or not at all.
    #[serde(default)]
    pub programs: Table<RawWheel>,
    /// Package repositories that apt is told to trust, by name.
    #[serde(default)]
    pub repositories: Table<RawRepository>,
}

/// A package repository and the one key that is trusted for it.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Repository")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawRepository {
    /// Where it is, up to what depends on distribution and architecture.
    pub uri: String,
    /// URL of its publisher's signing key.
    pub key: String,
    /// Fingerprint of that key, in lower case.
    #[schemars(extend("pattern" = "^[0-9a-f]{40}$"))]
    pub fingerprint: String,
}

/// One program at an exact version.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Wheel")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawWheel {
    /// Name of its package in the index.
    pub package: String,
    /// Exact version.
    pub version: String,
    /// Digest of its file for amd64.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    pub amd64: Option<String>,
    /// Digest of its file for arm64.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    pub arm64: Option<String>,
}

/// One external source.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Pin")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawPin {
    /// The version for people.
    pub version: String,
    /// Where it is published.
    pub upstream: RawUpstream,
    /// Git submodules belong to the tree.
    #[serde(default)]
    pub submodules: bool,
    /// Digest of the unpacked tree before patches; `cargo xtask sources --update` writes it.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    pub tree: Option<String>,
    /// Root-relative globs of what is left out of the tree.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Other places with the same tree, tried in order before the upstream.
    #[serde(default)]
    pub mirrors: Vec<RawMirror>,
    /// Patches applied in order, relative to the repository's root.
    #[serde(default)]
    pub patches: Vec<String>,
    /// SPDX expression.
    pub license: String,
    /// Licence files inside the tree.
    pub license_files: Vec<String>,
}

/// Where a source is published: exactly one of these.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Upstream", extend("minProperties" = 1, "maxProperties" = 1))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawUpstream {
    /// A commit of a git repository.
    pub git: Option<RawGit>,
    /// A tag of a git repository, where the commit could not be verified.
    pub git_tag: Option<RawGitTag>,
    /// An archive or a single file.
    pub archive: Option<RawArchive>,
    /// A crate of the Rust registry.
    #[serde(rename = "crate")]
    pub krate: Option<RawPackaged>,
}

/// Another place with the same tree: exactly one of these.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Mirror", extend("minProperties" = 1, "maxProperties" = 1))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawMirror {
    /// A directory or archive on this machine, absolute or relative to the repository.
    pub path: Option<String>,
    /// A git repository that has the pinned commit.
    pub git: Option<RawGitMirror>,
    /// An archive.
    pub archive: Option<RawArchive>,
    /// The source distribution of a Python package.
    pub pypi_sdist: Option<RawPackaged>,
    /// A crate of the Rust registry.
    #[serde(rename = "crate")]
    pub krate: Option<RawPackaged>,
    /// A Debian source package.
    pub debian_source: Option<RawDebianSource>,
}

/// A commit of a git repository.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Git")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawGit {
    /// Clone URL.
    pub url: String,
    /// 40 hex digits.
    #[schemars(extend("pattern" = "^[0-9a-f]{40}$"))]
    pub commit: String,
}

/// A tag of a git repository.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "GitTag")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawGitTag {
    /// Clone URL.
    pub url: String,
    /// The tag.
    pub tag: String,
    /// Why the commit is not stated.
    pub reason: String,
}

/// A git repository that has the pinned commit.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "GitMirror")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawGitMirror {
    /// Clone URL.
    pub url: String,
}

/// An archive or a single file behind a URL.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Archive")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawArchive {
    /// Download URL.
    pub url: String,
    /// Digest of the file as downloaded.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    pub sha256: String,
    /// Directory inside the archive that is the source's root.
    #[serde(default)]
    pub subdir: String,
}

/// A file that a package registry holds.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Packaged")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawPackaged {
    /// Package name.
    pub package: String,
    /// Exact version.
    pub version: String,
    /// Digest of the file as downloaded.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    pub sha256: String,
    /// Directory inside the archive that is the source's root.
    #[serde(default)]
    pub subdir: String,
}

/// A Debian source package.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "DebianSource")]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::manifest) struct RawDebianSource {
    /// Source package name.
    pub package: String,
    /// Exact version.
    pub version: String,
    /// Directory inside the source package that is the source's root.
    #[serde(default)]
    pub subdir: String,
}
