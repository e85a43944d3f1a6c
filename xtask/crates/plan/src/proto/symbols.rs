//! What a `.proto` text declares, and in which words.

use super::scan::{Piece, pieces};
use std::collections::HashMap;

/// Declarations by where they stand and what they are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbols(HashMap<String, String>);

/// One declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declaration {
    /// What it stands in, from the outside.
    pub containers: Vec<String>,
    /// What it is known by there.
    pub key: String,
    /// Its words.
    pub text: String,
    /// Whether others stand in it.
    pub holds: bool,
}

impl Declaration {
    /// Where it stands, and what it is called.
    pub fn place(&self) -> String {
        place(&self.containers, &self.key)
    }
}

/// A text without the declarations that `keeps` refuses, which is told what each stands in, what it is called there and its
/// words; without remarks as well.
pub(super) fn without(text: &str, keeps: impl Fn(&[String], &str, &str) -> bool) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut containers: Vec<String> = Vec::new();
    // How deep the text is within something that is left out.
    let mut left_out = 0_usize;
    for piece in pieces(text) {
        match piece {
            Piece::Open(header) => {
                let key = header_key(&header);
                if left_out > 0 || !keeps(&containers, &key, &header) {
                    left_out += 1;
                } else {
                    kept.extend([header.as_str(), " {\n"]);
                }
                containers.push(key);
            }
            Piece::Close => {
                containers.pop();
                if left_out == 0 {
                    kept.push_str("}\n");
                }
                left_out = left_out.saturating_sub(1);
            }
            Piece::Statement(words) => {
                if left_out == 0 && !words.is_empty() && keeps(&containers, statement_key(&words), &words) {
                    kept.extend([words.as_str(), ";\n"]);
                }
            }
        }
    }
    kept
}

/// The declarations of a text, whatever it holds, in their order.
pub(super) fn declarations(text: &str) -> Vec<Declaration> {
    let mut found = Vec::new();
    let mut containers: Vec<String> = Vec::new();
    let mut add = |containers: &[String], key: &str, text: String, holds| {
        if !text.is_empty() {
            found.push(Declaration { containers: containers.to_vec(), key: key.to_owned(), text, holds });
        }
    };
    for piece in pieces(text) {
        match piece {
            Piece::Open(header) => {
                let key = header_key(&header);
                add(&containers, &key, header, true);
                containers.push(key);
            }
            Piece::Close => {
                containers.pop();
            }
            Piece::Statement(text) => add(&containers, statement_key(&text.clone()), text, false),
        }
    }
    found
}

impl Symbols {
    /// Reads a text; whatever it holds is some set of declarations.
    pub fn of(text: &str) -> Self {
        Self(declarations(text).into_iter().map(|one| (one.place(), one.text)).collect())
    }

    /// Whether every declaration of `other` is here, in the same words.
    pub fn holds(&self, other: &Self) -> bool {
        other.0.iter().all(|(place, text)| self.0.get(place) == Some(text))
    }

    /// Whether each of these stands in those before it.
    pub(super) fn has_all(&self, containers: &[String]) -> bool {
        (0..containers.len()).all(|at| self.has(&containers[..at], &containers[at]))
    }

    /// Whether something stands at a place.
    pub(super) fn has(&self, containers: &[String], key: &str) -> bool {
        self.0.contains_key(&place(containers, key))
    }
}

pub(super) fn place(containers: &[String], key: &str) -> String {
    format!("{}|{key}", containers.join("/"))
}

/// A declaration is known by kind and name, so that an edit of its body is no edit of itself.
pub(super) fn header_key(header: &str) -> String {
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
pub(super) fn statement_key(text: &str) -> &str {
    let Some((left, _)) = text.split_once('=') else { return text };
    match left.trim_end_matches(' ').rsplit(' ').next() {
        Some(name) if !name.is_empty() => name,
        _ => text,
    }
}
