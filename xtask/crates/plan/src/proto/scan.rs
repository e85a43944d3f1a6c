//! Cuts a `.proto` text into headers, ends and statements. It knows strings and comments, and no grammar.

use super::space::collapse;

/// What the text is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// The text before `{`.
    Open(String),
    /// `}`; what stood before it without a semicolon says nothing.
    Close,
    /// The text before `;`.
    Statement(String),
}

/// The pieces, white space collapsed. What follows an open comment or string is part of it.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut pending = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' | '\'' => {
                let length = string_length(rest, c);
                pending.push_str(&rest[..length]);
                length
            }
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '{' => {
                found.push(Piece::Open(collapse(&pending)));
                pending.clear();
                1
            }
            '}' => {
                found.push(Piece::Close);
                pending.clear();
                1
            }
            ';' => {
                found.push(Piece::Statement(collapse(&pending)));
                pending.clear();
                1
            }
            _ => {
                pending.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found
}

/// Bytes of the string that the text begins with, quotes included.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
