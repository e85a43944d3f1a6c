//! The part of a name that tells the platforms of one image apart.

use crate::platform::Arch;

/// `amd64` or `arm64`; nothing for an image that exists on one platform only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct PlatformTag(Option<Arch>);

impl PlatformTag {
    /// An image on one platform only.
    pub const SINGLE: Self = Self(None);

    /// One platform of an image on several.
    pub fn of(arch: Arch) -> Self {
        Self(Some(arch))
    }

    /// The architecture, of an image on several platforms.
    pub fn arch(self) -> Option<Arch> {
        self.0
    }

    /// In cache tags: empty for a single platform, which leaves them a trailing dash.
    pub fn or_empty(self) -> &'static str {
        self.0.map_or("", Arch::as_str)
    }

    /// In names of artifacts and keepalive tags.
    pub fn or_single(self) -> &'static str {
        self.0.map_or("single", Arch::as_str)
    }

    /// Splits `…-<platform tag>`, with this word for a single platform.
    pub(super) fn split<'a>(text: &'a str, single: &str) -> Option<(&'a str, Self)> {
        let (front, last) = text.rsplit_once('-')?;
        let arch = last.parse().ok();
        (arch.is_some() || last == single).then_some((front, Self(arch)))
    }
}
