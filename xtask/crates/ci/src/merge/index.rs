//! The list of platforms as bytes: the same for the same legs.

use super::{Leg, Legs};
use model::oci::{Descriptor, ImagePlatform, Index, media};

/// What the list says about itself; nothing of it is of the moment at which it is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Where the source is, as a URL.
    pub source: Option<String>,
    /// The commit.
    pub revision: Option<String>,
    /// The first tag.
    pub version: Option<String>,
    /// The commit's time, by RFC 3339.
    pub created: Option<String>,
}

/// The list of these legs.
pub fn index(legs: &Legs, about: &About) -> Result<Vec<u8>, serde_json::Error> {
    let About { source, revision, version, created } = about;
    let annotations = [
        (media::CREATED, created),
        ("org.opencontainers.image.revision", revision),
        ("org.opencontainers.image.source", source),
        ("org.opencontainers.image.version", version),
    ];
    let annotations =
        annotations.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect();
    serde_json::to_vec(&Index { annotations, ..Index::new(legs.iter().map(descriptor).collect()) })
}

fn descriptor(leg: &Leg) -> Descriptor {
    let platform = ImagePlatform { variant: leg.variant.clone(), ..leg.platform.into() };
    Descriptor { platform: Some(platform), ..Descriptor::new(&leg.media_type, leg.digest.clone(), leg.size) }
}
