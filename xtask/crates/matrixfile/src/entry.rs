//! One entry of a matrix: its fields as they were written.

use crate::value::Value;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Fields in the order in which JavaScript lists them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry<'a> {
    pub(crate) fields: Vec<(Cow<'a, str>, Value<'a>)>,
    pub(crate) line: usize,
}

impl<'a> Entry<'a> {
    /// The line where it begins, one-based.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Names and values, in the order in which JavaScript lists them.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.fields.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// Takes a field out; the order of the others is lost.
    pub fn take(&mut self, field: &str) -> Option<Value<'a>> {
        let at = self.fields.iter().position(|(key, _)| key == field)?;
        Some(self.fields.swap_remove(at).1)
    }

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
