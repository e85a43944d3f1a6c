//! The list of platforms as bytes: the same for the same legs.

use super::{Leg, Legs};
use std::collections::BTreeMap;

/// Media type of the list.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

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

/// Bytes and the type that says how to read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The media type.
    pub kind: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    media_type: &'static str,
    manifests: Vec<Descriptor<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<&'static str, &'a str>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    media_type: &'a str,
    digest: String,
    size: u64,
    platform: Runs<'a>,
}

#[derive(serde::Serialize)]
struct Runs<'a> {
    architecture: &'static str,
    os: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<&'a str>,
}

/// The list of these legs.
pub fn index(legs: &Legs, about: &About) -> Result<Media, serde_json::Error> {
    let About { source, revision, version, created } = about;
    let annotations = [
        ("org.opencontainers.image.created", created),
        ("org.opencontainers.image.revision", revision),
        ("org.opencontainers.image.source", source),
        ("org.opencontainers.image.version", version),
    ];
    let document = Document {
        schema_version: 2,
        media_type: INDEX,
        manifests: legs.iter().map(descriptor).collect(),
        annotations: annotations
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .collect(),
    };
    Ok(Media { kind: INDEX, bytes: serde_json::to_vec(&document)? })
}

fn descriptor(leg: &Leg) -> Descriptor<'_> {
    Descriptor {
        media_type: &leg.media_type,
        digest: leg.digest.to_string(),
        size: leg.size,
        platform: Runs {
            architecture: leg.platform.arch.as_str(),
            os: leg.platform.os.as_str(),
            variant: leg.variant.as_deref(),
        },
    }
}
