//! From the events of the parser to values.

use crate::entry::Entry;
use crate::scalar::resolve;
use crate::value::Value;
use saphyr_parser::{ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::HashMap;

/// Deeper documents are refused.
const DEPTH: usize = 64;
/// Longer mappings are refused: keys are compared one by one.
const KEYS: usize = 1000;
/// Copies that aliases may make, in values.
const COPIES: usize = 200_000;

/// A collection that is not closed yet.
struct Open<'a> {
    what: Part<'a>,
    anchor: usize,
}

enum Part<'a> {
    List(Vec<Value<'a>>),
    Map {
        entry: Entry<'a>,
        key: Option<Cow<'a, str>>,
        /// Keys that came from a merge, which later ones replace.
        merged: Vec<bool>,
    },
}

/// The document so far.
#[derive(Default)]
pub(super) struct Build<'a> {
    open: Vec<Open<'a>>,
    anchors: HashMap<usize, Value<'a>>,
    copies: usize,
    pub root: Option<Value<'a>>,
}

impl<'a> Build<'a> {
    pub fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), String> {
        let plain = style == ScalarStyle::Plain;
        let merge = plain && text == "<<" && tag.is_none();
        let value = match tag {
            Some(tag) if is_text(tag) => Value::String(text),
            Some(tag) if is_plain(tag) => resolve(text),
            Some(tag) => return Err(format!("the tag `{}{}` is not known", tag.handle, tag.suffix)),
            None if plain && !merge => resolve(text),
            None => Value::String(text),
        };
        self.keep(anchor, &value);
        self.put(value, merge)
    }

    pub fn start(&mut self, map: bool, line: usize, anchor: usize) -> Result<(), String> {
        if self.open.len() >= DEPTH {
            return Err(format!("nested more than {DEPTH} deep"));
        }
        let what = if map {
            Part::Map { entry: Entry { fields: Vec::with_capacity(16), line }, key: None, merged: Vec::new() }
        } else {
            Part::List(Vec::new())
        };
        self.open.push(Open { what, anchor });
        Ok(())
    }

    pub fn end(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Err("an end without a beginning".to_owned()) };
        let value = match open.what {
            Part::List(values) => Value::List(values),
            Part::Map { entry, .. } => Value::Map(in_order(entry)),
        };
        self.keep(open.anchor, &value);
        self.put(value, false)
    }

    pub fn alias(&mut self, anchor: usize) -> Result<(), String> {
        let Some(value) = self.anchors.get(&anchor) else {
            return Err("an alias of something that is not complete".to_owned());
        };
        self.copies += value.size();
        if self.copies > COPIES {
            return Err("aliases that multiply without bound".to_owned());
        }
        let value = value.clone();
        self.put(value, false)
    }

    fn keep(&mut self, anchor: usize, value: &Value<'a>) {
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
    }

    fn put(&mut self, value: Value<'a>, merge: bool) -> Result<(), String> {
        match self.open.last_mut().map(|open| &mut open.what) {
            None => self.root = Some(value),
            Some(Part::List(values)) => values.push(value),
            Some(Part::Map { entry, key, merged }) => match key.take() {
                None => *key = Some(key_text(value, merge)?),
                // No text of a document holds NUL, so that only a merge is called so.
                Some(name) if name == MERGE => merge_in(entry, merged, value)?,
                Some(name) => set(entry, merged, name, value)?,
            },
        }
        Ok(())
    }
}

/// The name of the key `<<` until its value is known.
const MERGE: &str = "\0<<";

fn key_text(value: Value<'_>, merge: bool) -> Result<Cow<'_, str>, String> {
    match value {
        _ if merge => Ok(Cow::Borrowed(MERGE)),
        Value::String(text) => Ok(text),
        Value::List(_) | Value::Map(_) => Err("a key that is a list or a mapping".to_owned()),
        other => Ok(Cow::Owned(other.text().into_owned())),
    }
}

fn set<'a>(
    entry: &mut Entry<'a>,
    merged: &mut [bool],
    name: Cow<'a, str>,
    value: Value<'a>,
) -> Result<(), String> {
    let at = entry.fields.iter().position(|(key, _)| *key == name);
    match at {
        Some(at) if merged.get(at) == Some(&true) => {
            merged[at] = false;
            entry.fields[at].1 = value;
        }
        Some(_) => return Err(format!("the key `{name}` stands twice in one mapping")),
        None if entry.fields.len() >= KEYS => return Err(format!("a mapping of more than {KEYS} keys")),
        None => entry.fields.push((name, value)),
    }
    Ok(())
}

fn merge_in<'a>(entry: &mut Entry<'a>, merged: &mut Vec<bool>, value: Value<'a>) -> Result<(), String> {
    let sources = match value {
        Value::Map(source) => vec![Value::Map(source)],
        Value::List(sources) => sources,
        _ => return Err("`<<` wants a mapping, or a list of mappings".to_owned()),
    };
    for source in sources {
        let Value::Map(source) = source else {
            return Err("`<<` wants a mapping, or a list of mappings".to_owned());
        };
        for (name, value) in source.fields {
            if entry.get(&name).is_some() {
                continue;
            }
            merged.resize(entry.fields.len(), false);
            set(entry, merged, name, value)?;
            merged.push(true);
        }
    }
    Ok(())
}

/// JavaScript lists the keys that look like an index first, by size.
fn in_order(mut entry: Entry<'_>) -> Entry<'_> {
    if entry.fields.iter().any(|(key, _)| index(key).is_some()) {
        entry.fields.sort_by_key(|(key, _)| index(key).map_or((1, 0), |index| (0, index)));
    }
    entry
}

fn index(key: &str) -> Option<u32> {
    let canonical = key == "0" || (key.as_bytes().first().is_some_and(|b| (b'1'..=b'9').contains(b)));
    if canonical { key.parse().ok().filter(|index| *index != u32::MAX) } else { None }
}

fn core(tag: &Tag) -> Option<&str> {
    tag.is_yaml_core_schema().then_some(tag.suffix.as_str())
}

fn is_text(tag: &Tag) -> bool {
    core(tag) == Some("str") || (tag.handle.is_empty() || tag.handle == "!") && tag.suffix.is_empty()
}

fn is_plain(tag: &Tag) -> bool {
    matches!(core(tag), Some("int" | "float" | "bool" | "null"))
}
