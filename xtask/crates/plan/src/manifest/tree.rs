//! A document with positions, parsed only once something is wrong.

use super::trail::Hop;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// A stretch of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// One-based.
    pub line: usize,
    /// One-based, in characters.
    pub column: usize,
    /// In characters, at least one.
    pub length: usize,
}

impl Spot {
    /// The beginning of the document.
    pub const START: Self = Self { line: 1, column: 1, length: 1 };

    fn of(span: Span) -> Self {
        let same_line = span.start.line() == span.end.line();
        let length = if same_line { span.end.col().saturating_sub(span.start.col()) } else { 1 };
        Self { line: span.start.line().max(1), column: span.start.col() + 1, length: length.max(1) }
    }
}

/// Index of a node in its tree.
pub(super) type Id = usize;

/// What stands at a place.
pub(super) enum Kind {
    /// A scalar; plain ones may mean a number, a truth value or nothing.
    Scalar { text: String, plain: bool },
    /// A mapping.
    Map(Vec<(Id, Id)>),
    /// A sequence.
    Seq(Vec<Id>),
    /// A reference to an anchor.
    Alias,
}

/// A node and where it stands.
pub(super) struct Node {
    pub kind: Kind,
    pub spot: Spot,
    pub anchor: bool,
}

/// The first document of a text. Nodes live in one list, so that depth costs no stack.
pub(super) struct Tree {
    pub nodes: Vec<Node>,
}

/// Deeper documents are not looked into; the YAML library refuses them before.
const DEPTH: usize = 64;

impl Tree {
    /// Parses; `None` when this parser cannot make sense of the text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut open: Vec<(Id, Vec<Id>)> = Vec::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            let (kind, anchor) = match event {
                Event::Scalar(text, style, anchor, _) => {
                    let plain = style == ScalarStyle::Plain;
                    (Kind::Scalar { text: text.into_owned(), plain }, anchor != 0)
                }
                Event::Alias(_) => (Kind::Alias, false),
                Event::MappingStart(anchor, _) | Event::SequenceStart(anchor, _) => {
                    if open.len() >= DEPTH {
                        return None;
                    }
                    let kind = match event {
                        Event::MappingStart(..) => Kind::Map(Vec::new()),
                        _ => Kind::Seq(Vec::new()),
                    };
                    nodes.push(Node { kind, spot: Spot::of(span), anchor: anchor != 0 });
                    open.push((nodes.len() - 1, Vec::new()));
                    continue;
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    let (id, children) = open.pop()?;
                    match &mut nodes[id].kind {
                        Kind::Map(pairs) => {
                            pairs.extend(children.chunks_exact(2).map(|pair| (pair[0], pair[1])))
                        }
                        Kind::Seq(items) => *items = children,
                        Kind::Scalar { .. } | Kind::Alias => return None,
                    }
                    match open.last_mut() {
                        Some((_, siblings)) => siblings.push(id),
                        None => break,
                    }
                    continue;
                }
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {
                    continue;
                }
                Event::StreamEnd => break,
            };
            nodes.push(Node { kind, spot: Spot::of(span), anchor });
            let id = nodes.len() - 1;
            match open.last_mut() {
                Some((_, siblings)) => siblings.push(id),
                None => break,
            }
        }
        (!nodes.is_empty() && open.is_empty()).then_some(Self { nodes })
    }

    /// The text of a scalar.
    pub fn text(&self, id: Id) -> Option<&str> {
        match &self.nodes[id].kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The deepest key and value on the way that exist; the key is absent for elements of a sequence and for the root.
    pub fn find(&self, hops: &[Hop]) -> (Option<Id>, Id) {
        let (mut key, mut value) = (None, 0);
        for hop in hops {
            let next = match (&self.nodes[value].kind, hop) {
                (Kind::Map(pairs), Hop::Key(wanted)) => pairs
                    .iter()
                    .find(|(key, _)| self.text(*key) == Some(wanted))
                    .map(|(key, value)| (Some(*key), *value)),
                (Kind::Seq(items), Hop::Index(index)) => items.get(*index).map(|value| (None, *value)),
                _ => None,
            };
            let Some(found) = next else { break };
            (key, value) = found;
        }
        (key, value)
    }
}
