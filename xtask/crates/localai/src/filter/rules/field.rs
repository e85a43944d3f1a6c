//! What holds of an entry.

use crate::filter::kind::Os;
use matrixfile::{Entry, Value};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What holds of some entries, by field: any of these, each of which holds altogether. Nothing at all holds of every entry.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub(in crate::filter) struct Condition(Vec<BTreeMap<String, Field>>);

/// What holds of a field; all of it must hold. A field that is absent is empty text.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Field {
    /// It is one of these.
    is: Option<Vec<String>>,
    /// It is none of these.
    not: Option<Vec<String>>,
    /// It begins with one of these.
    starts: Option<Vec<String>>,
    /// It ends with one of these.
    ends: Option<Vec<String>>,
    /// It says something, or it does not.
    set: Option<bool>,
}

impl Condition {
    /// That of Linux entries, or that of Darwin entries.
    pub fn of<'a>(os: Os, linux: &'a Self, darwin: &'a Self) -> &'a Self {
        match os {
            Os::Linux => linux,
            Os::Darwin => darwin,
        }
    }

    /// Whether it holds.
    pub fn holds(&self, entry: &Entry<'_>) -> bool {
        self.0.iter().any(|fields| fields.iter().all(|(name, wanted)| field_holds(wanted, entry, name)))
    }

    /// Whether it holds, or nothing is said.
    pub fn or_always(condition: Option<&Self>, entry: &Entry<'_>) -> bool {
        condition.is_none_or(|condition| condition.holds(entry))
    }
}

fn field_holds(wanted: &Field, entry: &Entry<'_>, name: &str) -> bool {
    let value = entry.get(name);
    let text = value.map(Value::text).unwrap_or_default();
    let Field { is, not, starts, ends, set } = wanted;
    let any = |words: &Option<Vec<String>>, holds: &dyn Fn(&str) -> bool| {
        words.as_ref().is_none_or(|words| words.iter().any(|word| holds(word)))
    };
    any(is, &|word| text == word)
        && not.as_ref().is_none_or(|words| words.iter().all(|word| text != *word))
        && any(starts, &|word| text.starts_with(word))
        && any(ends, &|word| text.ends_with(word))
        && set.is_none_or(|set| set == value.is_some_and(Value::is_truthy))
}
