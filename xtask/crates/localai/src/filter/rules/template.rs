//! A path with the fields of an entry in it.

use matrixfile::{Entry, Value};
use schemars::JsonSchema;
use serde::Deserialize;

/// A directory, in which `{field}` is an entry's field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub(in crate::filter) struct Template(String);

impl Template {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its braces come in pairs.
    pub fn is_whole(&self) -> bool {
        self.parts()
            .all(|(before, field)| !before.contains(['{', '}']) && !field.is_some_and(|f| f.contains('{')))
    }

    /// Text and the field behind it, in turns; the last text has none.
    fn parts(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let mut rest = Some(self.0.as_str());
        std::iter::from_fn(move || {
            let text = rest.take()?;
            let split =
                text.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)));
            Some(match split {
                Some((before, (field, behind))) => {
                    rest = Some(behind);
                    (before, Some(field))
                }
                None => (text, None),
            })
        })
    }

    /// The path for an entry; a field that is absent reads as JavaScript has it.
    pub fn fill(&self, entry: &Entry<'_>) -> String {
        let mut path = String::new();
        for (text, field) in self.parts() {
            path.push_str(text);
            if let Some(field) = field {
                path.push_str(&entry.get(field).map_or("undefined".into(), Value::text));
            }
        }
        path
    }
}
