//! What a row must tell about itself.

use serde::Serialize;

/// A row of the Linux matrix. It is written as it serializes, fields in their order.
pub trait Row: Serialize {
    /// What stands in a field: `str`, or whatever a matrix written by hand has there.
    type Value: Serialize + ?Sized;

    /// `tag-suffix`, unless it is absent or empty.
    fn tag_suffix(&self) -> Option<&Self::Value>;

    /// `tag-latest`, unless it is absent or empty.
    fn tag_latest(&self) -> Option<&Self::Value>;

    /// Whether `platform-tag` says something: then the row is one of several platforms of an image.
    fn has_platform_tag(&self) -> bool;

    /// The matrix of those for images on several platforms that it is in, if it is such a row.
    fn block(&self) -> usize {
        0
    }

    /// Whether a job builds it.
    fn is_built(&self) -> bool {
        true
    }

    /// Whether the image of its suffix is merged, be it of what is built now or of what was there.
    fn is_merged(&self) -> bool {
        true
    }
}
