//! What holds of an entry.

use super::raw::{RawField, RawWhen};
use matrixfile::{Entry, Value};

/// Any of several conjunctions.
#[derive(Debug, Clone)]
pub(in crate::filter) struct Condition(Vec<Vec<(String, RawField)>>);

impl Condition {
    /// Any of these; never, if there is none.
    pub fn any(raw: Vec<RawWhen>) -> Self {
        Self(raw.into_iter().map(|when| when.into_iter().collect()).collect())
    }

    /// Any of these; always, if nothing is said.
    pub fn or_always(raw: Option<Vec<RawWhen>>) -> Self {
        raw.map_or_else(|| Self(vec![Vec::new()]), Self::any)
    }

    /// Whether it holds.
    pub fn holds(&self, entry: &Entry<'_>) -> bool {
        self.0.iter().any(|fields| fields.iter().all(|(name, wanted)| field_holds(wanted, entry, name)))
    }
}

fn field_holds(wanted: &RawField, entry: &Entry<'_>, name: &str) -> bool {
    let value = entry.get(name);
    let text = value.map(Value::text).unwrap_or_default();
    let RawField { is, not, starts, ends, set } = wanted;
    let any = |words: &Option<Vec<String>>, holds: &dyn Fn(&str) -> bool| {
        words.as_ref().is_none_or(|words| words.iter().any(|word| holds(word)))
    };
    any(is, &|word| text == word)
        && not.as_ref().is_none_or(|words| words.iter().all(|word| text != *word))
        && any(starts, &|word| text.starts_with(word))
        && any(ends, &|word| text.ends_with(word))
        && set.is_none_or(|set| set == value.is_some_and(Value::is_truthy))
}
