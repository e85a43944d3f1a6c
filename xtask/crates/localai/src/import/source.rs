//! A YAML text whose nodes know their places, and what can be wrong with them.

use camino::{Utf8Path, Utf8PathBuf};
use model::manifest::Diagnostic;
use model::manifest::{Id, Kind, Spot, Tree};
use model::text::suggest;
use std::collections::HashSet;

/// Longer than any matrix.
const BYTES: usize = 8 * 1024 * 1024;
/// More mistakes in one file help nobody.
const MOST: usize = 50;

/// A parsed file, and what was found wrong with it so far.
pub(super) struct Source<'a> {
    pub tree: Tree,
    text: &'a str,
    file: Utf8PathBuf,
    found: Vec<Diagnostic>,
}

impl<'a> Source<'a> {
    /// Parses a file.
    pub fn parse(file: &Utf8Path, text: &'a str) -> Result<Self, Vec<Diagnostic>> {
        let wrong = |spot, message| Err(vec![Diagnostic::at(file, text, spot, message, None)]);
        if text.len() > BYTES {
            return wrong(Spot::START, format!("a file of {} bytes; the limit is {BYTES}", text.len()));
        }
        match Tree::read(text) {
            Err((spot, message)) => wrong(spot, message),
            Ok(Tree { second: Some(spot), .. }) => wrong(spot, "a second document".to_owned()),
            Ok(tree) => Ok(Self { tree, text, file: file.to_owned(), found: Vec::new() }),
        }
    }

    /// Remembers a mistake.
    pub fn wrong(&mut self, id: Id, message: impl Into<String>, help: impl Into<Option<String>>) {
        if self.found.len() < MOST {
            let spot = self.tree.nodes[id].spot;
            self.found.push(Diagnostic::at(&self.file, self.text, spot, message.into(), help.into()));
        }
    }

    /// What is read, unless there were mistakes.
    pub fn finish<T>(self, read: T) -> Result<T, Vec<Diagnostic>> {
        if self.found.is_empty() { Ok(read) } else { Err(self.found) }
    }

    /// The line of a node.
    pub fn line(&self, id: Id) -> usize {
        self.tree.nodes[id].spot.line
    }

    /// The entries of a mapping with distinct keys, with the key's node and the value's.
    pub fn map(&mut self, id: Id) -> Vec<(String, Id, Id)> {
        let Kind::Map(pairs) = &self.tree.nodes[id].kind else {
            self.wrong(id, "expected a mapping", None);
            return Vec::new();
        };
        let mut entries: Vec<(String, Id, Id)> = Vec::with_capacity(pairs.len());
        let mut seen = HashSet::new();
        for (key, value) in pairs.clone() {
            let Some(name) = self.tree.text(key).map(str::to_owned) else {
                self.wrong(key, "expected a name", None);
                continue;
            };
            if !seen.insert(name.clone()) {
                self.wrong(key, format!("`{name}` is given twice"), "remove one of the two".to_owned());
                continue;
            }
            entries.push((name, key, value));
        }
        entries
    }

    /// The entries of a mapping that may have these keys only; the values in the order of `known`.
    pub fn known<const N: usize>(&mut self, id: Id, known: [&str; N]) -> [Option<Id>; N] {
        let mut values = [None; N];
        for (name, key, value) in self.map(id) {
            if let Some(index) = known.iter().position(|one| *one == name) {
                values[index] = Some(value);
            } else {
                let hint = suggest::hint(&name, known);
                let help = format!("known here: {}{hint}", known.join(", "));
                self.wrong(key, format!("unknown key `{name}`"), help);
            }
        }
        values
    }

    /// The elements of a sequence.
    pub fn list(&mut self, id: Id) -> Vec<Id> {
        if let Kind::Seq(items) = &self.tree.nodes[id].kind {
            return items.clone();
        }
        self.wrong(id, "expected a list", None);
        Vec::new()
    }

    /// A value that is text, and that every reader of YAML takes for text.
    pub fn text(&mut self, id: Id) -> Option<String> {
        let (message, help) = match &self.tree.nodes[id].kind {
            Kind::Scalar { text, plain } => match other_than_text(text).filter(|_| *plain) {
                None => return Some(text.clone()),
                Some(kind) => {
                    (format!("expected text, found {kind}"), format!("write it in quotes: '{text}'"))
                }
            },
            Kind::Alias(_) => ("an alias".to_owned(), "write the value out".to_owned()),
            Kind::Map(_) => ("expected text, found a mapping".to_owned(), "all values are text".to_owned()),
            Kind::Seq(_) => ("expected text, found a list".to_owned(), "all values are text".to_owned()),
        };
        self.wrong(id, message, help);
        None
    }

    /// Whether a value is `~`.
    pub fn is_null(&self, id: Id) -> bool {
        matches!(&self.tree.nodes[id].kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// Text that is a name of some kind.
    pub fn name<T: std::str::FromStr<Err: std::fmt::Display>>(&mut self, id: Id, text: &str) -> Option<T> {
        text.parse().map_err(|error: T::Err| self.wrong(id, error.to_string(), None)).ok()
    }
}

/// What a plain scalar is, if it is not text.
fn other_than_text(text: &str) -> Option<&'static str> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some("nothing"),
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return Some("a truth value"),
        _ => {}
    }
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let special = matches!(body, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN");
    let based = body.strip_prefix("0x").or(body.strip_prefix("0o")).or(body.strip_prefix("0b"));
    let based = based.is_some_and(|digits| {
        !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit() || c == '_')
    });
    let numeric = body.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let plain = numeric && body.replace('_', "").parse::<f64>().is_ok();
    (special || based || plain).then_some("a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_every_reader_takes_for_text() {
        for text in ["./", "x", "ubuntu:24.04", "-", "1.2.3", "24.04-arm", "infinity", "nan", "0xyz", "+"] {
            assert_eq!(other_than_text(text), None, "{text}");
        }
        for number in ["1", "-2204", "12.8", "1e3", ".5", "0x1F", "0o17", "1_000", ".inf", "+.INF"] {
            assert_eq!(other_than_text(number), Some("a number"), "{number}");
        }
        assert_eq!(other_than_text("True"), Some("a truth value"));
        assert_eq!(other_than_text(""), Some("nothing"));
    }
}
