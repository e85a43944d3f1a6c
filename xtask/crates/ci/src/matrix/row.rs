//! One row of the matrix, under the field names and with the values that the reference's workflows use.

use model::image_names::{PlatformTag, TagSuffix};
use model::platform::{Arch, Platform};

/// The hosted runner that builds for a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsOn {
    /// Linux on amd64.
    Amd64,
    /// Linux on arm64, natively.
    Arm64,
}

impl RunsOn {
    /// The runner of an architecture.
    pub fn of(arch: Arch) -> Self {
        match arch {
            Arch::Amd64 => Self::Amd64,
            Arch::Arm64 => Self::Arm64,
        }
    }
}

/// One image for Linux. Fields stand in the order in which most of the reference's rows have them; all are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinuxRow {
    /// What kernels are compiled for; empty for the processor.
    pub build_type: &'static str,
    /// CUDA, or empty.
    pub cuda_major_version: String,
    /// CUDA, or empty.
    pub cuda_minor_version: String,
    /// One platform, as in `linux/amd64`.
    pub platforms: Platform,
    /// Only where the image exists on several platforms.
    pub platform_tag: PlatformTag,
    /// When the tag `latest` moves.
    pub tag_latest: &'static str,
    /// The end of every tag of the image.
    pub tag_suffix: TagSuffix,
    /// The prebuilt base, of families that have one.
    pub builder_base_image: Option<String>,
    /// The runner.
    pub runs_on: RunsOn,
    /// What a build without the prebuilt base starts from.
    pub base_image: String,
    /// `true` where the base image brings drivers and toolkit along.
    pub skip_drivers: &'static str,
    /// The backend.
    pub backend: String,
    /// The template of its family.
    pub dockerfile: String,
    /// The build context.
    pub context: &'static str,
    /// The distribution inside the base image, as in `2404`.
    pub ubuntu_version: &'static str,
}

/// One package for macOS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DarwinRow {
    /// The backend.
    pub backend: String,
    /// The end of every tag of the image.
    pub tag_suffix: TagSuffix,
    /// What it is compiled for; C++ says nothing, its build decides.
    pub build_type: Option<&'static str>,
    /// The toolchain; none for Python.
    pub lang: Option<&'static str>,
}

impl RunsOn {
    /// The label of the runner.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amd64 => "ubuntu-latest",
            Self::Arm64 => "ubuntu-24.04-arm",
        }
    }
}

/// What is written of a row: names and values in the order in which they are written.
pub trait Fields {
    /// Every field that the row has.
    fn fields(&self) -> Vec<(&str, &str)>;
}

impl LinuxRow {
    /// The one value that `tag-latest` has: releases move the tag, nothing else does.
    pub const TAG_LATEST: &'static str = "auto";
    /// The one value that `context` has.
    pub const CONTEXT: &'static str = "./";
}

impl Fields for LinuxRow {
    fn fields(&self) -> Vec<(&str, &str)> {
        let optional = [
            ("platform-tag", self.platform_tag.arch().map(Arch::as_str)),
            ("builder-base-image", self.builder_base_image.as_deref()),
        ];
        let [platform_tag, base] = optional.map(|(name, value)| value.map(|value| (name, value)));
        let mut fields = vec![
            ("build-type", self.build_type),
            ("cuda-major-version", &self.cuda_major_version),
            ("cuda-minor-version", &self.cuda_minor_version),
            ("platforms", self.platforms.as_str()),
        ];
        fields.extend(platform_tag);
        fields.extend([("tag-latest", self.tag_latest), ("tag-suffix", self.tag_suffix.as_str())]);
        fields.extend(base);
        fields.extend([
            ("runs-on", self.runs_on.as_str()),
            ("base-image", &self.base_image),
            ("skip-drivers", self.skip_drivers),
            ("backend", &self.backend),
            ("dockerfile", &self.dockerfile),
            ("context", self.context),
            ("ubuntu-version", self.ubuntu_version),
        ]);
        fields
    }
}

impl Fields for DarwinRow {
    fn fields(&self) -> Vec<(&str, &str)> {
        let mut fields = vec![("backend", self.backend.as_str()), ("tag-suffix", self.tag_suffix.as_str())];
        fields.extend(self.build_type.map(|value| ("build-type", value)));
        fields.extend(self.lang.map(|value| ("lang", value)));
        fields
    }
}

impl serde::Serialize for LinuxRow {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields())
    }
}

impl serde::Serialize for DarwinRow {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields())
    }
}
