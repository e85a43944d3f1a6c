//! Compares a document with the JSON Schema of its type, to name every misfit at once and not only the first.

use super::format;
use super::tree::{Id, Kind, Spot, Tree};
use crate::text::{steers, suggest};
use serde_json::Value;
use std::collections::BTreeMap;

/// More misfits in one file help nobody.
const MOST: usize = 100;

/// A misfit.
pub(super) struct Misshape {
    pub spot: Spot,
    pub message: String,
    pub help: Option<String>,
}

/// Everything in `tree` that does not fit `schema`.
pub(super) fn compare(tree: &Tree, schema: &Value) -> Vec<Misshape> {
    let mut shape = Shape { tree, root: schema, found: Vec::new() };
    if let Some(spot) = tree.second {
        let help = Some("a manifest is one document: remove the line".to_owned());
        shape.found.push(Misshape { spot, message: "a second document".to_owned(), help });
    } else {
        shape.node(0, schema, None);
    }
    shape.found.truncate(MOST);
    shape.found
}

struct Shape<'a> {
    tree: &'a Tree,
    root: &'a Value,
    found: Vec<Misshape>,
}

impl<'a> Shape<'a> {
    fn report(&mut self, id: Id, message: String, help: Option<String>) {
        self.found.push(Misshape { spot: self.tree.nodes[id].spot, message, help });
    }

    /// Follows a reference, and looks through "this or null".
    fn resolve(&self, mut schema: &'a Value) -> &'a Value {
        for _ in 0..8 {
            let choice =
                |list: &str, fit: fn(&Value) -> bool| schema[list].as_array()?.iter().find(|s| fit(s));
            let reference = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/definitions/"));
            schema = match reference {
                Some(name) => &self.root["definitions"][name],
                None => {
                    match choice("anyOf", |s| s["type"] != "null").or_else(|| choice("allOf", |_| true)) {
                        Some(inner) => inner,
                        None => break,
                    }
                }
            };
        }
        schema
    }

    fn node(&mut self, id: Id, schema: &'a Value, key: Option<Id>) {
        let tree = self.tree;
        let nullable = allows_null(schema);
        let schema = self.resolve(schema);
        let node = &tree.nodes[id];
        if node.anchor {
            self.report(
                id,
                "an anchor".to_owned(),
                Some("write the value out: manifests use no anchors".to_owned()),
            );
        }
        if let Kind::Scalar { text, plain } = &node.kind {
            if *plain && nullable && is_null(text) {
                return;
            }
            // Texts of a format keep its rules: a key has many lines.
            if schema["format"].is_null()
                && let Some(c) = text.chars().find(|c| steers(*c))
            {
                let message = format!("a character that is not seen, {}", c.escape_unicode());
                return self.report(
                    id,
                    message,
                    Some("write texts on one line, as they are read".to_owned()),
                );
            }
        }
        if let Some(words) = words(schema) {
            return self.word(id, &words);
        }
        match (kind_of(schema), &node.kind) {
            (_, Kind::Alias(_)) => {
                self.report(
                    id,
                    "an alias".to_owned(),
                    Some("write the value out: manifests use no anchors".to_owned()),
                );
            }
            ("object", Kind::Map(pairs)) => self.mapping(id, pairs, schema, key),
            ("array", Kind::Seq(items)) => {
                for item in items {
                    self.node(*item, &schema["items"], None);
                }
            }
            ("string", Kind::Scalar { text, .. }) => {
                let mistake = match schema["format"].as_str() {
                    Some(format) => format::mistake(format, text),
                    None => option(text),
                };
                if let Some((message, help)) = mistake {
                    let spot = tree.spot(key, id);
                    self.found.push(Misshape { spot, message, help: help.map(str::to_owned) });
                }
            }
            ("", _) => {}
            ("boolean", Kind::Scalar { text, plain: true }) if text == "true" || text == "false" => {}
            ("integer", Kind::Scalar { text, plain: true }) if fits(text, schema) => {}
            (wanted, found) => {
                let message =
                    format!("expected {}, found {}", wanted_name(wanted, schema), found_name(found));
                self.report(id, message, None);
            }
        }
    }

    fn mapping(&mut self, id: Id, pairs: &'a [(Id, Id)], schema: &'a Value, owner: Option<Id>) {
        let tree = self.tree;
        let known = schema["properties"].as_object();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (key, value) in pairs {
            if self.found.len() >= MOST {
                return;
            }
            let Some(name) = tree.text(*key) else {
                self.report(*key, "expected a text as the key".to_owned(), None);
                continue;
            };
            if let Some(line) = seen.get(name) {
                let help = format!("it was given in line {line} already");
                self.report(*key, format!("duplicate key `{name}`"), Some(help));
                continue;
            }
            seen.insert(name, tree.nodes[*key].spot.line);
            if schema["propertyNames"].is_object() {
                self.node(*key, &schema["propertyNames"], None);
            }
            let property = known.and_then(|known| known.get(name));
            match property {
                Some(property) => self.node(*value, property, Some(*key)),
                None if schema["additionalProperties"].is_object() => {
                    self.entry(*value, &schema["additionalProperties"], *key);
                }
                None => {
                    let names: Vec<&str> =
                        known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                    let help = match suggest::nearest(name, names.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("known here: {}", names.join(", ")),
                    };
                    self.report(*key, format!("unknown key `{name}`"), Some(help));
                }
            }
        }
        if schema["maxProperties"] == 1 {
            self.kind(id, pairs, known.map(|known| known.keys().map(String::as_str).collect()));
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for name in required.filter(|name| !seen.contains_key(name)) {
            let about = known.and_then(|known| known.get(name)).map(|property| self.about(property));
            let place = owner.unwrap_or(id);
            self.report(
                place,
                format!("missing key `{name}`"),
                about.flatten().map(|about| format!("`{name}`: {about}")),
            );
        }
    }

    /// A value that goes behind a name of its own, as in `-DNAME=VALUE`: it may begin as it likes.
    fn entry(&mut self, value: Id, schema: &'a Value, key: Id) {
        let begins_freely = self.tree.text(value).is_some_and(|text| option(text).is_some());
        let inner = self.resolve(schema);
        let found = self.found.len();
        self.node(value, schema, Some(key));
        if begins_freely && kind_of(inner) == "string" && inner["format"].is_null() {
            self.found.truncate(found);
        }
    }

    /// A mapping whose only key says what kind of place it is.
    fn kind(&mut self, id: Id, pairs: &[(Id, Id)], kinds: Option<Vec<&str>>) {
        let tree = self.tree;
        match pairs {
            [] => {
                let help = format!("give one of {}", kinds.unwrap_or_default().join(", "));
                self.report(id, "no kind of place".to_owned(), Some(help));
            }
            [_] => {}
            [(first, _), (second, _), ..] => {
                let (one, other) = (tree.text(*first).unwrap_or("?"), tree.text(*second).unwrap_or("?"));
                let message = format!("both `{one}` and `{other}`: a place has one kind");
                self.report(*second, message, Some("keep one of them".to_owned()));
            }
        }
    }

    fn about(&self, property: &'a Value) -> Option<String> {
        let description =
            property["description"].as_str().or_else(|| self.resolve(property)["description"].as_str());
        description.map(|text| text.lines().next().unwrap_or_default().to_owned())
    }

    fn word(&mut self, id: Id, words: &[&str]) {
        let Some(text) = self.tree.text(id) else {
            let message = format!(
                "expected one of {}, found {}",
                words.join(", "),
                found_name(&self.tree.nodes[id].kind)
            );
            return self.report(id, message, None);
        };
        if !words.contains(&text) {
            let help = match suggest::nearest(text, words.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of {}", words.join(", ")),
            };
            self.report(id, format!("unknown value `{text}`"), Some(help));
        }
    }
}

/// Texts become arguments of compilers, git, apt and others, for which one with a dash in front is an option.
fn option(text: &str) -> Option<format::Mistake> {
    let message = || (format!("`{text}` begins like an option"), Some("take away the `-` in front"));
    (text.starts_with('-') && !text.starts_with("- ")).then(message)
}

/// The words of an enumeration.
fn words(schema: &Value) -> Option<Vec<&str>> {
    let listed = schema["enum"].as_array().map(|list| list.iter().filter_map(Value::as_str).collect());
    let described = || {
        let choices = schema["oneOf"].as_array()?;
        let each = choices.iter().flat_map(|choice| match choice["const"].as_str() {
            Some(word) => vec![word],
            None => choice["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        });
        Some(each.collect())
    };
    listed.or_else(described)
}

fn allows_null(schema: &Value) -> bool {
    let has = |list: &Value| {
        list.as_array().is_some_and(|list| list.iter().any(|item| item == "null" || item["type"] == "null"))
    };
    has(&schema["type"]) || has(&schema["anyOf"])
}

/// The wanted type, without "or null".
fn kind_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("")
        }
        _ => "",
    }
}

fn fits(text: &str, schema: &Value) -> bool {
    let range =
        schema["minimum"].as_i64().unwrap_or(i64::MIN)..=schema["maximum"].as_i64().unwrap_or(i64::MAX);
    text.parse::<i64>().is_ok_and(|number| range.contains(&number))
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn wanted_name(kind: &str, schema: &Value) -> String {
    match kind {
        "object" => "a mapping".to_owned(),
        "array" => "a list".to_owned(),
        "string" => "a text".to_owned(),
        "boolean" => "true or false".to_owned(),
        "integer" => match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
            (Some(low), Some(high)) => format!("a whole number from {low} to {high}"),
            _ => "a whole number".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn found_name(kind: &Kind) -> String {
    match kind {
        Kind::Scalar { text, plain: true } if is_null(text) => "nothing".to_owned(),
        Kind::Scalar { text, .. } => format!("`{}`", text.chars().take(60).collect::<String>()),
        Kind::Map(_) => "a mapping".to_owned(),
        Kind::Seq(_) => "a list".to_owned(),
        Kind::Alias(_) => "an alias".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::schema::Document;

    /// What the reader takes, the schema must take as well: else a file with one error would show two.
    #[test]
    fn sound_manifests_fit_their_schemas() {
        for (text, document) in [
            (include_str!("../../../../../backend/variants.yaml"), Document::VARIANTS),
            (include_str!("../../../../../backend/sources.yaml"), Document::SOURCES),
            (include_str!("../../../../../backend/cpp/llama-cpp/backend.yaml"), Document::BACKEND),
            (include_str!("../../../../../backend/python/minilm/backend.yaml"), Document::BACKEND),
        ] {
            let tree = Tree::parse(text).unwrap();
            let found: Vec<String> =
                compare(&tree, &document.schema()).into_iter().map(|m| m.message).collect();
            assert!(found.is_empty(), "{document:?}: {found:?}");
        }
    }
}
