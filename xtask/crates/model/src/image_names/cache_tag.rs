//! Tags of the cache repository: what each kind is called, and which kind a tag is.

use super::{Image, PlatformTag, TagSuffix};
use crate::build_type::BuildType;
use crate::key::Key;
use crate::name::{BackendName, BaseName};
use crate::oci::Tag;
use crate::platform::Arch;
use crate::variant::Variant;

/// What a tag of the cache repository refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheTag {
    /// `cache<suffix>-<platform>`, `cache-localai<suffix>-<platform>`: BuildKit's layers of one platform of an image.
    /// The core image has the suffix `-core` here, as the reference's document has it (its workflows leave it away).
    Layers {
        /// Of which image.
        image: Image,
        /// On which platform.
        platform: PlatformTag,
    },
    /// `cache-base-grpc-<name>`: BuildKit's layers of a builder base.
    BaseLayers(BaseName),
    /// `base-grpc-<name>`: a builder base, under its name for people.
    Base(BaseName),
    /// `base-<key>`: a builder base, under the name that builds resolve.
    BaseKey(Key),
    /// `img-<key>`: the finished image of one unit.
    Image(Key),
    /// `used-<key>`: when the finished image of a unit was last wanted again; keeps it until it is merged.
    Used(Key),
    /// `lock-<key>`: what the floating requirements of a unit came to, and the image that was built of that. The key is
    /// the unit's without its bucket of time.
    Lock(Key),
    /// `ccache-<backend>-<arch>-<build type>`: a compiler cache.
    CompilerCache(CompilerCacheTag),
    /// `keepalive-<run><suffix>-<platform>`: keeps an image from being collected until it is merged.
    Keepalive {
        /// The number of the CI run.
        run: u64,
        /// The image's suffix; none for the core image.
        suffix: Option<TagSuffix>,
        /// On which platform.
        platform: PlatformTag,
    },
}

/// Which builds share a compiler cache.
///
/// Builds for one CUDA major version do, and no others: nvcc is a different compiler in each, so a shared cache would
/// hold objects that half of its readers cannot use, and each half would push the other's out at the size limit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct CompilerCacheTag {
    backend: BackendName,
    arch: Arch,
    build_type: BuildType,
    cuda: Option<u8>,
}

impl CompilerCacheTag {
    /// The compiler cache of a backend's variant.
    pub fn of(backend: &BackendName, arch: Arch, variant: &Variant) -> Self {
        let cuda = variant.cuda.map(|cuda| cuda.major);
        Self { backend: backend.clone(), arch, build_type: variant.build_type, cuda }
    }

    /// The backend whose objects it holds.
    pub fn backend(&self) -> &BackendName {
        &self.backend
    }

    /// As a tag, such as `ccache-llama-cpp-amd64-cublas-12`.
    pub fn tag(&self) -> Tag {
        CacheTag::CompilerCache(self.clone()).tag()
    }

    fn text(&self) -> String {
        let Self { backend, arch, build_type, cuda } = self;
        let cuda = cuda.map(|major| format!("-{major}")).unwrap_or_default();
        format!("{backend}-{arch}-{build_type}{cuda}")
    }

    fn parse(text: &str) -> Option<Self> {
        let (front, build_type, cuda) = match text.rsplit_once('-')? {
            (front, last) if last.starts_with(|c: char| c.is_ascii_digit()) => {
                let (front, build_type) = front.rsplit_once('-')?;
                (front, build_type, Some(last.parse().ok()?))
            }
            (front, build_type) => (front, build_type, None),
        };
        let build_type = build_type.parse().ok()?;
        let (backend, arch) = front.rsplit_once('-')?;
        let arch = arch.parse().ok()?;
        Some(Self { backend: backend.parse().ok()?, arch, build_type, cuda })
    }
}

impl CacheTag {
    /// The tag.
    pub fn tag(&self) -> Tag {
        Tag::of_bounded_parts(match self {
            Self::Layers { image, platform } => {
                let root = if matches!(image, Image::Root(_)) { "-localai" } else { "" };
                format!("cache{root}{}-{}", image.suffix_or_core(), platform.or_empty())
            }
            Self::BaseLayers(base) => format!("cache-base-grpc-{base}"),
            Self::Base(base) => format!("base-grpc-{base}"),
            Self::BaseKey(key) => format!("base-{key}"),
            Self::Image(key) => format!("img-{key}"),
            Self::Used(key) => format!("used-{key}"),
            Self::Lock(key) => format!("lock-{key}"),
            Self::CompilerCache(which) => format!("ccache-{}", which.text()),
            Self::Keepalive { run, suffix, platform } => {
                let suffix = suffix.as_ref().map_or("-core", TagSuffix::as_str);
                format!("keepalive-{run}{suffix}-{}", platform.or_single())
            }
        })
    }

    /// The way back: none for a tag that this project does not write.
    pub fn parse(tag: &Tag) -> Option<Self> {
        let text = tag.as_str();
        let found = if let Some(base) = text.strip_prefix("cache-base-grpc-") {
            Self::BaseLayers(base.parse().ok()?)
        } else if let Some(rest) = text.strip_prefix("cache-localai") {
            let (suffix, platform) = PlatformTag::split(rest, "")?;
            let suffix = if suffix == "-core" { None } else { Some(suffix.parse().ok()?) };
            Self::Layers { image: Image::Root(suffix), platform }
        } else if let Some(rest) = text.strip_prefix("cache") {
            let (suffix, platform) = PlatformTag::split(rest, "")?;
            Self::Layers { image: Image::Backend(suffix.parse().ok()?), platform }
        } else if let Some(base) = text.strip_prefix("base-grpc-") {
            Self::Base(base.parse().ok()?)
        } else if let Some(key) = text.strip_prefix("base-") {
            Self::BaseKey(key.parse().ok()?)
        } else if let Some(key) = text.strip_prefix("img-") {
            Self::Image(key.parse().ok()?)
        } else if let Some(key) = text.strip_prefix("used-") {
            Self::Used(key.parse().ok()?)
        } else if let Some(key) = text.strip_prefix("lock-") {
            Self::Lock(key.parse().ok()?)
        } else if let Some(rest) = text.strip_prefix("ccache-") {
            Self::CompilerCache(CompilerCacheTag::parse(rest)?)
        } else {
            let (rest, platform) = PlatformTag::split(text.strip_prefix("keepalive-")?, "single")?;
            let (run, suffix) = rest.split_at(rest.find('-')?);
            let suffix = if suffix == "-core" { None } else { Some(suffix.parse().ok()?) };
            Self::Keepalive { run: run.parse().ok()?, suffix, platform }
        };
        // Leading zeros and the like: only what this project itself writes is its own.
        (found.tag() == *tag).then_some(found)
    }
}
