//! Bake reads every string of its JSON as a template: what must stay as it is has to say so.

use serde_json::Value;

/// The value with every string, keys included, written so that bake reads it back as it is here.
pub(super) fn templates(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(literal(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(templates).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, value)| (literal(&key), templates(value))).collect())
        }
        other => other,
    }
}

fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}
