//! What a `.proto` text declares, and in which words.

use super::scan::{Piece, pieces};
use std::collections::HashMap;

/// Declarations by where they stand and what they are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbols(HashMap<String, String>);

impl Symbols {
    /// Reads a text; whatever it holds is some set of declarations.
    pub fn of(text: &str) -> Self {
        let mut symbols = HashMap::new();
        let mut containers: Vec<String> = Vec::new();
        for piece in pieces(text) {
            match piece {
                Piece::Open(header) => {
                    let key = header_key(&header);
                    if !header.is_empty() {
                        symbols.insert(place(&containers, &key), header);
                    }
                    containers.push(key);
                }
                Piece::Close => {
                    containers.pop();
                }
                Piece::Statement(text) if text.is_empty() => {}
                Piece::Statement(text) => {
                    symbols.insert(place(&containers, statement_key(&text)), text);
                }
            }
        }
        Self(symbols)
    }

    /// Whether every declaration of `other` is here, in the same words.
    pub fn holds(&self, other: &Self) -> bool {
        other.0.iter().all(|(place, text)| self.0.get(place) == Some(text))
    }
}

fn place(containers: &[String], key: &str) -> String {
    format!("{}|{key}", containers.join("/"))
}

/// A declaration is known by kind and name, so that an edit of its body is no edit of itself.
fn header_key(header: &str) -> String {
    let Some((kind, rest)) = header.split_once(' ') else { return header.to_owned() };
    if !matches!(kind, "rpc" | "message" | "enum" | "service" | "oneof" | "extend") {
        return header.to_owned();
    }
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    match rest[..end].chars().next() {
        Some(first) if !first.is_ascii_digit() => format!("{kind} {}", &rest[..end]),
        _ => header.to_owned(),
    }
}

/// A field is known by its name, the last word before the first `=`; other statements by all their words.
fn statement_key(text: &str) -> &str {
    let Some((left, _)) = text.split_once('=') else { return text };
    match left.trim_end_matches(' ').rsplit(' ').next() {
        Some(name) if !name.is_empty() => name,
        _ => text,
    }
}
