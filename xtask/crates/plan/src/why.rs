//! `why`: two key documents compared, in words.

use serde_json::Value;

/// One difference between two key documents.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The group that it belongs to: `inputs`, `pins`, `facts`, `steps` …
    pub group: String,
    /// What changed: a file, a pin, a tool, a step.
    pub what: String,
    /// How: `added`, `removed`, or `before → after`.
    pub how: String,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let group = match self.group.as_str() {
            "inputs" => "file",
            "pins" => "source",
            "facts" => "tool",
            "steps" => "step",
            "install" => "install step",
            "deps" => "dependency",
            other => other,
        };
        if self.what.is_empty() {
            write!(f, "{group}: {}", self.how)
        } else {
            write!(f, "{group} {}: {}", self.what, self.how)
        }
    }
}

/// What differs between two key documents, both as stored JSON, in the order of the document.
///
/// # Errors
/// When either text is not JSON.
pub fn changes(before: &str, after: &str) -> Result<Vec<Change>, serde_json::Error> {
    let before: Value = serde_json::from_str(before)?;
    let after: Value = serde_json::from_str(after)?;
    let mut changes = Vec::new();
    let (Value::Object(before), Value::Object(after)) = (&before, &after) else { return Ok(changes) };
    let groups = after.keys().chain(before.keys().filter(|key| !after.contains_key(*key)));
    for group in groups {
        compare(group, before.get(group), after.get(group), &mut changes);
    }
    Ok(changes)
}

fn compare(group: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let names = after.keys().chain(before.keys().filter(|key| !after.contains_key(*key)));
            for name in names {
                push(group, name, before.get(name), after.get(name), changes);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after)))
            if identified(before) && identified(after) =>
        {
            let find = |list: &[Value], id: &str| list.iter().find(|item| item_id(item) == Some(id)).cloned();
            let ids = |list: &[Value]| list.iter().filter_map(item_id).map(str::to_owned).collect::<Vec<_>>();
            let (old, new) = (ids(before), ids(after));
            for id in new.iter().chain(old.iter().filter(|id| !new.contains(id))) {
                push(group, id, find(before, id).as_ref(), find(after, id).as_ref(), changes);
            }
            if changes.iter().all(|change| change.group != group) {
                changes.push(Change {
                    group: group.into(),
                    what: String::new(),
                    how: "order changed".into(),
                });
            }
        }
        (before, after) => push(group, "", before, after, changes),
    }
}

fn identified(list: &[Value]) -> bool {
    list.iter().all(|item| item_id(item).is_some())
}

fn item_id(item: &Value) -> Option<&str> {
    item.get("id").and_then(Value::as_str)
}

fn push(group: &str, what: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    let how = match (before, after) {
        (before, after) if before == after => return,
        (None | Some(Value::Null), Some(_)) => "added".to_owned(),
        (Some(_), None | Some(Value::Null)) => "removed".to_owned(),
        (Some(Value::String(before)), Some(Value::String(after))) => {
            format!("{} → {}", brief(before), brief(after))
        }
        (Some(before), Some(after)) => inner(before, after),
        (None, None) => return,
    };
    changes.push(Change { group: group.to_owned(), what: what.to_owned(), how });
}

/// Long values are known by their beginning; digests all the more.
fn brief(text: &str) -> String {
    if text.chars().count() > 40 {
        format!("{}…", text.chars().take(12).collect::<String>())
    } else {
        text.to_owned()
    }
}

/// The words that went and came inside a structured value, such as the arguments of a step.
fn inner(before: &Value, after: &Value) -> String {
    let (old, new) = (leaves(before), leaves(after));
    let gone = old.iter().filter(|leaf| !new.contains(leaf)).map(|leaf| format!("-{leaf}"));
    let come = new.iter().filter(|leaf| !old.contains(leaf)).map(|leaf| format!("+{leaf}"));
    let words: Vec<String> = gone.chain(come).collect();
    if words.is_empty() { "order changed".to_owned() } else { words.join(" ") }
}

fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => map.values().flat_map(leaves).collect(),
        Value::Array(list) => list.iter().flat_map(leaves).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_file_the_flag_and_the_tool() {
        let before = r#"{"inputs":{"a":"1","b":"2"},"steps":[{"id":"build","run":{"args":["-DX=ON"]}}],"facts":{"cc":"12"}}"#;
        let after = r#"{"inputs":{"a":"3","c":"2"},"steps":[{"id":"build","run":{"args":["-DX=OFF"]}}],"facts":{"cc":"13"}}"#;
        let words: Vec<String> = changes(before, after).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "tool cc: 12 → 13",
                "file a: 1 → 3",
                "file c: added",
                "file b: removed",
                "step build: --DX=ON +-DX=OFF",
            ]
        );
    }

    #[test]
    fn equal_documents_differ_in_nothing() {
        assert_eq!(changes(r#"{"a":1}"#, r#"{"a":1}"#).unwrap(), []);
    }
}
