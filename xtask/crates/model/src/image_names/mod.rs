//! Names in registries and in CI: image suffixes, cache tags, artifacts, and the way back from a tag to what it is.

mod artifact;
mod cache_tag;
mod groups;
mod image;
mod platform_tag;
pub mod repositories;
mod suffix;

pub use artifact::ArtifactName;
pub use cache_tag::{CacheTag, CompilerCacheTag};
pub use groups::{Collision, Group, groups};
pub use image::Image;
pub use platform_tag::PlatformTag;
pub use suffix::{SuffixError, TagSuffix};
