//! A document with positions, parsed only once something is wrong.

use super::trail::Hop;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::BTreeMap;

/// A stretch of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
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
pub type Id = usize;

/// What stands at a place.
#[derive(Debug)]
pub enum Kind {
    /// A scalar; plain ones may mean a number, a truth value or nothing.
    Scalar {
        /// Without its quotes.
        text: String,
        /// It has none.
        plain: bool,
    },
    /// A mapping.
    Map(Vec<(Id, Id)>),
    /// A sequence.
    Seq(Vec<Id>),
    /// A reference to an anchor, and what has it.
    Alias(Option<Id>),
}

/// A node and where it stands.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub spot: Spot,
    /// It has a name that an alias may use.
    pub anchor: bool,
}

/// The first document of a text. Nodes live in one list, so that depth costs no stack.
#[derive(Debug)]
pub struct Tree {
    /// The root first.
    pub nodes: Vec<Node>,
    /// Where a second document begins, which a manifest must not have.
    pub second: Option<Spot>,
}

/// Deeper documents are not looked into; the YAML library refuses them before.
const DEPTH: usize = 64;

impl Tree {
    /// Parses; `None` when this parser cannot make sense of the text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    /// Parses; what is wrong otherwise, and where. An empty document is wrong as well.
    pub fn read(text: &str) -> Result<Self, (Spot, String)> {
        let nothing = || (Spot::START, "there is nothing in it".to_owned());
        let mut tree = Self { nodes: Vec::new(), second: None };
        // Collections that are not closed yet, each with what it holds so far.
        let mut open: Vec<(Id, Vec<Id>)> = Vec::new();
        let mut anchors = BTreeMap::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let at = *error.marker();
                let spot = Spot { line: at.line().max(1), column: at.col() + 1, length: 1 };
                (spot, error.info().to_owned())
            })?;
            let done = match event {
                Event::Scalar(text, style, anchor, _) => {
                    let plain = style == ScalarStyle::Plain;
                    let id = tree.add(Kind::Scalar { text: text.into_owned(), plain }, span, anchor);
                    anchors.insert(anchor, id);
                    id
                }
                Event::Alias(anchor) => tree.add(Kind::Alias(anchors.get(&anchor).copied()), span, 0),
                Event::MappingStart(..) | Event::SequenceStart(..) if open.len() >= DEPTH => {
                    return Err((Spot::of(span), format!("nested more than {DEPTH} deep")));
                }
                Event::MappingStart(anchor, _) => {
                    let id = tree.add(Kind::Map(Vec::new()), span, anchor);
                    anchors.insert(anchor, id);
                    open.push((id, Vec::new()));
                    continue;
                }
                Event::SequenceStart(anchor, _) => {
                    let id = tree.add(Kind::Seq(Vec::new()), span, anchor);
                    anchors.insert(anchor, id);
                    open.push((id, Vec::new()));
                    continue;
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    let (id, children) = open.pop().ok_or_else(nothing)?;
                    tree.fill(id, children);
                    id
                }
                Event::DocumentStart(_) if !tree.nodes.is_empty() => {
                    tree.second = Some(Spot::of(span));
                    break;
                }
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {
                    continue;
                }
                Event::StreamEnd => break,
            };
            if let Some((_, siblings)) = open.last_mut() {
                siblings.push(done);
            }
        }
        if tree.nodes.is_empty() || !open.is_empty() { Err(nothing()) } else { Ok(tree) }
    }

    fn add(&mut self, kind: Kind, span: Span, anchor: usize) -> Id {
        self.nodes.push(Node { kind, spot: Spot::of(span), anchor: anchor != 0 });
        self.nodes.len() - 1
    }

    fn fill(&mut self, id: Id, children: Vec<Id>) {
        match &mut self.nodes[id].kind {
            Kind::Map(pairs) => pairs.extend(children.chunks_exact(2).map(|pair| (pair[0], pair[1]))),
            Kind::Seq(items) => *items = children,
            Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
    }

    /// The text of a scalar.
    pub fn text(&self, id: Id) -> Option<&str> {
        match &self.nodes[id].kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Where a finding about a value is shown: an empty one has no place of its own, its key has.
    pub fn spot(&self, key: Option<Id>, value: Id) -> Spot {
        match (key, self.text(value)) {
            (Some(key), Some("")) => self.nodes[key].spot,
            _ => self.nodes[value].spot,
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
