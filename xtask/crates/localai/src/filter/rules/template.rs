//! A path with the fields of an entry in it.

use matrixfile::{Entry, Value};

/// Text and names of fields, in turns, beginning with text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<String>);

impl Template {
    /// Splits a text at its braces; none if they do not come in pairs.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (field, behind) = after.split_once('}')?;
            parts.extend([before.to_owned(), field.to_owned()]);
            rest = behind;
        }
        let whole = |part: &String| !part.contains(['{', '}']);
        parts.push(rest.to_owned());
        parts.iter().all(whole).then_some(Self(parts))
    }

    /// The path for an entry; a field that is absent reads as JavaScript has it.
    pub fn fill(&self, entry: &Entry<'_>) -> String {
        let mut text = String::new();
        for (index, part) in self.0.iter().enumerate() {
            if index % 2 == 0 {
                text.push_str(part);
            } else {
                text.push_str(&entry.get(part).map_or("undefined".into(), Value::text));
            }
        }
        text
    }
}
