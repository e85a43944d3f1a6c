//! A tree of YAML and its text: always the same for the same tree, with comments, which serialisers cannot write.

use std::fmt::Write as _;

/// The longest line that holds a whole list.
const WIDE: usize = 100;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Text, quoted where YAML would take it for something else.
    Text(String),
    /// Text that is quoted whatever it is.
    Quoted(String),
    /// A number or a truth value.
    Plain(String),
    /// Lines, kept as they are.
    Lines(Vec<String>),
    /// Text with a comment behind it.
    Noted(String, String),
    /// Keys in order.
    Map(Vec<(String, Node)>),
    /// Keys in order, a blank line between two of them.
    Spaced(Vec<(String, Node)>),
    /// Values in order.
    List(Vec<Node>),
}

impl Node {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A truth value.
    pub fn truth(value: bool) -> Self {
        Self::Plain(value.to_string())
    }

    /// A number.
    pub fn number(value: usize) -> Self {
        Self::Plain(value.to_string())
    }

    /// Texts in order.
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// Keys in order.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// The text of the whole document.
    pub fn document(&self) -> String {
        let mut out = String::new();
        write_block(&mut out, self, 0);
        out
    }
}

/// The value on lines of its own.
fn write_block(out: &mut String, node: &Node, indent: usize) {
    match node {
        Node::Map(entries) => entries.iter().for_each(|entry| write_entry(out, entry, indent)),
        Node::Spaced(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                if index > 0 {
                    out.push('\n');
                }
                write_entry(out, entry, indent);
            }
        }
        Node::List(items) => items.iter().for_each(|item| write_item(out, item, indent)),
        other => {
            let _ = writeln!(out, "{:indent$}{}", "", inline(other).unwrap_or_default());
        }
    }
}

fn write_entry(out: &mut String, (key, value): &(String, Node), indent: usize) {
    let key = format!("{:indent$}{}:", "", scalar(key));
    if let Some(value) = inline(value).filter(|value| one_line(&key, value)) {
        let _ = writeln!(out, "{key} {value}");
        return;
    }
    if let Node::Lines(lines) = value {
        let _ = writeln!(out, "{key} |");
        for line in lines {
            let _ = writeln!(out, "{:width$}{line}", "", width = indent + 2);
        }
        return;
    }
    let _ = writeln!(out, "{key}");
    write_block(out, value, indent + 2);
}

fn write_item(out: &mut String, item: &Node, indent: usize) {
    // A list of lists is read by its rows.
    if let (Node::List(_), Some(row)) = (item, inline(item)) {
        let _ = writeln!(out, "{:indent$}- {row}", "");
        return;
    }
    let mut text = String::new();
    write_block(&mut text, item, indent + 2);
    // The dash stands where the first line is indented.
    text.replace_range(indent..=indent, "-");
    out.push_str(&text);
}

/// A list that is too long for its line goes onto several; everything else has no choice.
fn one_line(key: &str, value: &str) -> bool {
    !value.starts_with('[') || key.len() + value.len() < WIDE
}

/// The value as part of a line; none where it needs lines of its own.
fn inline(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) => Some(scalar(text)),
        Node::Quoted(text) => Some(quoted(text)),
        Node::Plain(text) => Some(text.clone()),
        Node::Noted(text, comment) => Some(format!("{} # {comment}", scalar(text))),
        Node::Map(entries) | Node::Spaced(entries) if entries.is_empty() => Some("{}".to_owned()),
        Node::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(flow).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Node::Map(_) | Node::Spaced(_) | Node::Lines(_) => None,
    }
}

/// A text that may stand between brackets.
fn flow(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) if !text.contains(['[', ']', '{', '}', ',']) => Some(scalar(text)),
        _ => None,
    }
}

/// Text on one line: bare where every reader takes it for text, else quoted.
fn scalar(text: &str) -> String {
    if is_bare(text) { text.to_owned() } else { quoted(text) }
}

/// A scalar that is text to every reader: in single quotes where that says all, else as JSON, which YAML reads as well.
pub fn quoted(value: &str) -> String {
    if value.chars().any(char::is_control) {
        let json = serde_json::Value::from(value).to_string();
        // JSON lets these stand as they are, YAML does not.
        let spelled = |c: char| match c {
            '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        };
        json.chars().map(spelled).collect()
    } else {
        format!("'{}'", value.replace('\'', "''"))
    }
}

fn is_bare(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric() || "_./$".contains(c));
    // `on` is a key of every workflow; readers of YAML 1.1 that take it for true are GitHub's business.
    let word = ["true", "false", "yes", "no", "off", "null", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let number = text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.chars().all(|c| c.is_ascii_hexdigit() || ".:_+-xo".contains(c));
    begins
        && !word
        && !number
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && text.chars().all(|c| c == ' ' || c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use saphyr_parser::{Event, Parser};

    /// What a YAML reader takes for text, keys included, in order.
    fn read(text: &str) -> Vec<String> {
        Parser::new_from_str(text)
            .filter_map(|event| match event.unwrap().0 {
                Event::Scalar(value, ..) => Some(value.into_owned()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn reads_back_as_it_was() {
        let hard = [
            "",
            "-",
            "- a",
            "-core",
            "a: b",
            "a:",
            "a #b",
            "#",
            "it's",
            "'",
            "\"",
            "!cancelled()",
            "*",
            "**/*.md",
            "&a",
            "%",
            "@x",
            "`",
            "{a}",
            "[a]",
            "a, b",
            "> x",
            "| x",
            "? x",
            "${{ a && b }}",
            "1",
            "0x1f",
            "1.5",
            "12:30",
            "2026-01-01",
            "true",
            "No",
            "null",
            "~",
            " a",
            "a ",
            "0 6 * * 0",
            "on",
            ".5",
            "a\\b",
            "ü",
            "x\ny\u{7f}\u{80}\t",
        ];
        for text in hard {
            let node = Node::map([
                ("key", Node::text(text)),
                (text, Node::texts([text, "x"])),
                ("z", Node::Quoted(text.to_owned())),
            ]);
            assert_eq!(
                read(&node.document()),
                ["key", text, text, text, "x", "z", text],
                "{}",
                node.document()
            );
        }
    }

    #[test]
    fn numbers_and_truth_are_not_text_and_text_is_not_them() {
        let node = Node::map([("a", Node::text("1")), ("b", Node::number(1)), ("c", Node::text("true"))]);
        assert_eq!(node.document(), "a: '1'\nb: 1\nc: 'true'\n");
    }

    #[test]
    fn writes_lists_comments_and_lines() {
        let step = Node::map([
            ("uses", Node::Noted("a/b@c".to_owned(), "v1".to_owned())),
            ("run", Node::Lines(vec!["one".to_owned(), "two".to_owned()])),
            ("with", Node::map([("x", Node::truth(true))])),
        ]);
        let node = Node::Spaced(vec![
            ("steps".to_owned(), Node::List(vec![step])),
            ("none".to_owned(), Node::map::<String>([])),
            ("needs".to_owned(), Node::texts(["a", "b"])),
        ]);
        let text = "steps:\n  - uses: a/b@c # v1\n    run: |\n      one\n      two\n    with:\n      x: true\n\nnone: {}\n\n\
                    needs: [a, b]\n";
        assert_eq!(node.document(), text);
        assert_eq!(
            read(text),
            ["steps", "uses", "a/b@c", "run", "one\ntwo\n", "with", "x", "true", "none", "needs", "a", "b"]
        );
    }
}
