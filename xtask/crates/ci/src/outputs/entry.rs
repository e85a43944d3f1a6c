//! An entry of a matrix written by hand is a row.

use super::row::Row;
use matrixfile::{Entry, Value};

impl<'a> Row for Entry<'a> {
    type Value = Value<'a>;

    fn tag_suffix(&self) -> Option<&Value<'a>> {
        self.truthy("tag-suffix")
    }

    fn tag_latest(&self) -> Option<&Value<'a>> {
        self.truthy("tag-latest")
    }

    fn has_platform_tag(&self) -> bool {
        self.truthy("platform-tag").is_some()
    }
}
