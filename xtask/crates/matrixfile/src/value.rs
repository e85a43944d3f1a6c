//! A value as JavaScript would hold it after reading YAML.

use crate::entry::Entry;
use crate::json::number;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// Any number: JavaScript has one kind.
    Number(f64),
    /// Text.
    String(Cow<'a, str>),
    /// A list.
    List(Vec<Value<'a>>),
    /// An object.
    Map(Entry<'a>),
}

impl Value<'_> {
    /// Whether JavaScript takes it for true.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(value) => *value != 0.0 && !value.is_nan(),
            Self::String(text) => !text.is_empty(),
            Self::List(_) | Self::Map(_) => true,
        }
    }

    /// The text that it becomes inside of other text.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Null => "null".into(),
            Self::Bool(true) => "true".into(),
            Self::Bool(false) => "false".into(),
            Self::Number(value) if value.is_nan() => "NaN".into(),
            Self::Number(value) if value.is_infinite() && *value > 0.0 => "Infinity".into(),
            Self::Number(value) if value.is_infinite() => "-Infinity".into(),
            Self::Number(value) => number(*value).into(),
            Self::String(text) => Cow::Borrowed(text),
            Self::List(values) => {
                let texts = values.iter().map(|value| match value {
                    Value::Null => Cow::Borrowed(""),
                    value => value.text(),
                });
                texts.collect::<Vec<_>>().join(",").into()
            }
            Self::Map(_) => "[object Object]".into(),
        }
    }

    /// How many values it is made of.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::List(values) => 1 + values.iter().map(Value::size).sum::<usize>(),
            Self::Map(entry) => 1 + entry.fields.iter().map(|(_, value)| value.size()).sum::<usize>(),
            _ => 1,
        }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values),
            Self::Map(entry) => entry.serialize(serializer),
        }
    }
}
