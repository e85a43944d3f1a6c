//! What a `.proto` text has beyond another that it adds to.

use super::symbols::{Declaration, Symbols, declarations, header_key, place};
use super::word::{names, squashed};
use std::collections::{BTreeMap, BTreeSet};

/// Something that stands in what was there before, with all that stands in itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Addition {
    /// What must be named to use it; nothing where it has no name that can be told.
    names: BTreeSet<String>,
    /// Its name as a type, if it is one.
    as_type: Option<String>,
    /// Its declarations, each with its place.
    text: BTreeSet<String>,
}

/// Statements that say what others may not be called, and where types of other files come from.
const SILENT: [&str; 2] = ["reserved ", "import "];

/// The additions, by their places.
pub(super) fn additions(before: &str, after: &str) -> BTreeMap<String, Addition> {
    let known = Symbols::of(before);
    let mut found = BTreeMap::<String, Addition>::new();
    for one in declarations(after) {
        if known.has(&one.containers, &one.key) {
            continue;
        }
        let is_entry = known.has_all(&one.containers);
        if is_entry && SILENT.iter().any(|silent| one.text.starts_with(silent)) {
            continue;
        }
        let Some(place) = outermost(&known, &one.containers, &one.key) else { continue };
        let entry = found.entry(place).or_default();
        entry.text.insert(format!("{} {}", one.place(), one.text));
        if is_entry {
            entry.as_type = type_name(&one).map(str::to_owned);
            entry.names.extend(called(&one));
        } else if entry.as_type.is_none() || is_value(&one) {
            // What stands in a `oneof` is called without it, and so are the values of an `enum`.
            entry.names.extend(called(&one));
        }
    }
    found
}

/// The place of the outermost thing that is new, of what stands at a place; none where nothing is.
pub(super) fn outermost(known: &Symbols, containers: &[String], key: &str) -> Option<String> {
    let new = (0..containers.len()).find(|at| !known.has(&containers[..*at], &containers[*at]));
    match new {
        Some(at) => Some(place(&containers[..at], &containers[at])),
        None => (!known.has(containers, key)).then(|| place(containers, key)),
    }
}

/// The additions that sources name, and what those are made of; their places.
pub(super) fn reached<'a, 's>(
    additions: &'a BTreeMap<String, Addition>,
    sources: impl Iterator<Item = &'s str>,
) -> BTreeMap<&'a str, &'a Addition> {
    let mut reached = BTreeMap::new();
    let mut open: Vec<(&str, &Addition)> = additions
        .iter()
        .filter(|(_, one)| one.names.is_empty())
        .map(|(place, one)| (&**place, one))
        .collect();
    for source in sources {
        let named = |one: &Addition| one.names.iter().any(|name| names(source, name));
        open.extend(additions.iter().filter(|(_, one)| named(one)).map(|(place, one)| (&**place, one)));
    }
    while let Some((place, one)) = open.pop() {
        if reached.insert(place, one).is_some() {
            continue;
        }
        let is_made_of = |other: &Addition| {
            let of = |text: &String| identifiers(text).any(|word| Some(word) == other.as_type.as_deref());
            one.text.iter().any(of)
        };
        open.extend(
            additions.iter().filter(|(_, other)| is_made_of(other)).map(|(place, one)| (&**place, one)),
        );
    }
    reached
}

/// Identifiers of a text, each with its dots taken apart.
pub(super) fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// The name of a type that a declaration makes.
pub(super) fn type_name(one: &Declaration) -> Option<&str> {
    let (kind, name) = one.key.split_once(' ')?;
    (one.holds && matches!(kind, "message" | "enum")).then_some(name)
}

fn is_value(one: &Declaration) -> bool {
    one.containers.last().is_some_and(|last| last.starts_with("enum "))
}

/// What sources may call it.
fn called(one: &Declaration) -> Vec<String> {
    let header = header_key(&one.text);
    let name = match header.split_once(' ') {
        Some(("rpc" | "message" | "enum" | "service" | "oneof", name)) => name,
        _ if one.text.contains('=') => &one.key,
        _ => return Vec::new(),
    };
    let mut names = vec![name.to_owned()];
    // Rust's generator leaves the name of the enum away where values begin with it.
    let of = one.containers.last().and_then(|last| last.strip_prefix("enum ")).unwrap_or_default();
    let (of, full): (String, String) = (squashed(of).collect(), squashed(name).collect());
    names.extend(full.strip_prefix(&of).filter(|rest| !rest.is_empty()).map(str::to_owned));
    names
}
