//! One thing that bake can build.

use super::cache::{CacheFrom, CacheTo};
use super::export::Export;
use super::secret::Secret;
use camino::Utf8PathBuf;
use model::name::Label;
use model::platform::Platform;
use std::collections::BTreeMap;

/// What describes the build, beside the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Attest {
    /// No provenance: with one, a push by digest yields an index, whose digest differs between registries.
    #[serde(rename = "type=provenance,disabled=true")]
    NoProvenance,
    /// No list of contents.
    #[serde(rename = "type=sbom,disabled=true")]
    NoSbom,
}

impl Attest {
    /// Neither provenance nor a list of contents.
    pub const NONE: [Self; 2] = [Self::NoProvenance, Self::NoSbom];
}

/// The network of build steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// The machine's own.
    Host,
    /// None.
    None,
}

/// One thing that bake can build.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Target {
    /// The main build context.
    pub context: Utf8PathBuf,
    /// Named contexts: directories, or `docker-image://` references.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub contexts: BTreeMap<String, String>,
    /// The Dockerfile.
    pub dockerfile: Utf8PathBuf,
    /// Build arguments.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// The stage to build; the last one when none.
    #[serde(rename = "target", skip_serializing_if = "Option::is_none")]
    pub stage: Option<Label>,
    /// What it is built for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<Platform>,
    /// Labels of the image.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// References of the image; those that an export names stand there instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Where the result goes.
    #[serde(rename = "output")]
    pub exports: Vec<Export>,
    /// Where layers may come from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cache_from: Vec<CacheFrom>,
    /// Where layers are kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cache_to: Vec<CacheTo>,
    /// Values that no layer holds.
    #[serde(rename = "secret", skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Secret>,
    /// Stages that are always built.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_cache_filter: Vec<Label>,
    /// Build every stage.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_cache: bool,
    /// Look for newer base images.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pull: bool,
    /// What describes the build.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attest: Vec<Attest>,
    /// The network of build steps; the builder's own when none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
}

impl Target {
    /// A target that exports nothing.
    pub fn new(context: impl Into<Utf8PathBuf>, dockerfile: impl Into<Utf8PathBuf>) -> Self {
        Self {
            context: context.into(),
            contexts: BTreeMap::new(),
            dockerfile: dockerfile.into(),
            args: BTreeMap::new(),
            stage: None,
            platforms: Vec::new(),
            labels: BTreeMap::new(),
            tags: Vec::new(),
            exports: Vec::new(),
            cache_from: Vec::new(),
            cache_to: Vec::new(),
            secrets: Vec::new(),
            no_cache_filter: Vec::new(),
            no_cache: false,
            pull: false,
            attest: Vec::new(),
            network: None,
        }
    }
}
