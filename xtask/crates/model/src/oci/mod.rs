//! The OCI distribution world: names (repositories, tags, digests, references), and documents (manifests, indexes,
//! configurations).
//!
//! Texts become these types once, where they enter; nothing behind that point holds a tag or an image as a `String`.

mod config;
mod digest;
mod document;
mod error;
pub mod media;
mod reference;
mod repository;
mod tag;

pub use config::{History, ImageConfig, RootFs, Runtime};
pub use digest::{Algorithm, ImageDigest};
pub use document::{Descriptor, ImageManifest, ImagePlatform, Index, MAX_BYTES, Manifest, ManifestError};
pub use error::ParseError;
pub use reference::{Pointer, Reference};
pub use repository::Repository;
pub use tag::Tag;

/// Text conversions that every type here has: serde and `TryFrom<String>` go through `FromStr` and `Display`.
macro_rules! text {
    ($type:ident) => {
        impl TryFrom<String> for $type {
            type Error = ParseError;
            fn try_from(text: String) -> Result<Self, ParseError> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.to_string()
            }
        }
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string" })
            }
        }
    };
}
text!(Tag);
text!(ImageDigest);
text!(Repository);
text!(Reference);
