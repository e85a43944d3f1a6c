//! One entry of a matrix: its fields as they were written.

use super::value::Value;
use crate::outputs::Row;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Fields in the order in which JavaScript lists them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry<'a> {
    pub(super) fields: Vec<(Cow<'a, str>, Value<'a>)>,
    /// The line where it begins, one-based.
    pub(super) line: usize,
}

impl<'a> Entry<'a> {
    /// A field's value.
    pub fn get(&self, field: &str) -> Option<&Value<'a>> {
        self.fields.iter().find(|(key, _)| key == field).map(|(_, value)| value)
    }

    /// A field's value, unless JavaScript takes it for false.
    pub fn truthy(&self, field: &str) -> Option<&Value<'a>> {
        self.get(field).filter(|value| value.is_truthy())
    }

    /// A field's value as text; empty where there is none.
    pub fn text(&self, field: &str) -> Cow<'_, str> {
        self.get(field).map_or(Cow::Borrowed(""), Value::text)
    }

    /// The name of the backend.
    pub fn backend(&self) -> Cow<'_, str> {
        self.get("backend").map_or(Cow::Borrowed("undefined"), Value::text)
    }

    /// The Dockerfile, relative to the repository's root.
    pub fn dockerfile(&self) -> Option<&str> {
        match self.get("dockerfile") {
            Some(Value::String(path)) => {
                Some(path.strip_prefix("./").unwrap_or(path)).filter(|path| !path.is_empty())
            }
            _ => None,
        }
    }

    /// What the entry is known by in another revision: tag suffix and platform tag.
    pub fn identity(&self) -> (Cow<'_, str>, Cow<'_, str>) {
        let text = |field| self.truthy(field).map_or(Cow::Borrowed(""), Value::text);
        (text("tag-suffix"), text("platform-tag"))
    }
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields.iter().map(|(key, value)| (key, value)))
    }
}

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
