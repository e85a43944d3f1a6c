//! What kinds of things the registry's cache holds.

use model::image_names::CacheTag;
use model::oci::Tag;
use oci::Inventory;

/// A kind of tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// BuildKit's layers.
    Layers,
    /// A builder base.
    Base,
    /// The finished image of a unit.
    Image,
    /// What floating requirements came to.
    Lock,
    /// A compiler cache.
    CompilerCache,
    /// Keeps an image until it is merged.
    Keepalive,
    /// Signatures and the like of another manifest.
    Attachment,
    /// When tags without a date were first seen.
    Dates,
    /// Not made by this project.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Layers,
        Self::Base,
        Self::Image,
        Self::Lock,
        Self::CompilerCache,
        Self::Keepalive,
        Self::Attachment,
        Self::Dates,
        Self::Other,
    ];

    /// The kind of a tag of the cache repository.
    pub fn of(tag: &Tag) -> Self {
        match CacheTag::parse(tag) {
            Some(CacheTag::Layers { .. } | CacheTag::BaseLayers(_)) => Self::Layers,
            Some(CacheTag::Base(_) | CacheTag::BaseKey(_)) => Self::Base,
            Some(CacheTag::Image(_)) => Self::Image,
            Some(CacheTag::Lock(_)) => Self::Lock,
            Some(CacheTag::CompilerCache(_)) => Self::CompilerCache,
            Some(CacheTag::Used(_) | CacheTag::Keepalive { .. }) => Self::Keepalive,
            None if tag.as_str() == super::dates::TAG => Self::Dates,
            None if Inventory::attached_by_name(tag).is_some() => Self::Attachment,
            None => Self::Other,
        }
    }

    /// The name for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Layers => "layers",
            Self::Base => "base",
            Self::Image => "image",
            Self::Lock => "lock",
            Self::CompilerCache => "compiler-cache",
            Self::Keepalive => "keepalive",
            Self::Attachment => "attachment",
            Self::Dates => "dates",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_name() {
        let key = "ab".repeat(32);
        for (text, kind) in [
            ("cache-gpu-nvidia-cuda-12-vllm-", Kind::Layers),
            ("cache-base-grpc-amd64", Kind::Layers),
            ("base-grpc-amd64", Kind::Base),
            (&format!("img-{key}"), Kind::Image),
            (&format!("lock-{key}"), Kind::Lock),
            ("ccache-llama-cpp-amd64-cublas-12", Kind::CompilerCache),
            (&format!("used-{key}"), Kind::Keepalive),
            ("keepalive-123-cpu-llama-cpp-amd64", Kind::Keepalive),
            (&format!("sha256-{key}.sig"), Kind::Attachment),
            ("gc-dates", Kind::Dates),
            ("v1.2.3-cpu-llama-cpp", Kind::Other),
            ("img-short", Kind::Other),
        ] {
            assert_eq!(Kind::of(&text.parse().unwrap()), kind, "{text}");
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
