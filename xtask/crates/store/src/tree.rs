//! The tree document of an entry: what a package holds, in one canonical JSON form that checks itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rel_path::RelPath;
use model::digest::Digest;
use model::key::Key;

/// The format written here.
const FORMAT: u32 = 1;

/// What lies at one path of a tree. Directories are implied by what they hold; only empty ones are listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Node {
    /// A file.
    File {
        /// Of its content, which is the blob of that name.
        digest: Digest,
        /// In bytes.
        size: u64,
        /// Whether it may be run.
        executable: bool,
    },
    /// A symbolic link that stays inside the tree.
    Link {
        /// The text of the link.
        target: String,
    },
    /// An empty directory.
    Dir {},
}

/// All about an entry but its key document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeDoc {
    format: u32,
    /// The entry that it belongs to.
    pub key: Key,
    /// Of the key document beside it.
    pub key_document: Digest,
    /// Whom it was built for, as the caller calls it.
    pub unit: String,
    /// When it was committed, in seconds since 1970.
    pub created: u64,
    /// How long the build took, in milliseconds: what a restore saves.
    pub built_in_ms: u64,
    /// The content, by path.
    pub nodes: BTreeMap<RelPath, Node>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<T> {
    blake3: Digest,
    tree: T,
}

/// Why bytes are not a tree document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Not JSON of this shape.
    #[error("is not a tree document: {0}")]
    Shape(String),
    /// Written by another version.
    #[error("has format {0}, expected {FORMAT}")]
    Format(u32),
    /// Changed since it was written.
    #[error("does not match its own checksum")]
    Checksum,
    /// Describes a tree that cannot be.
    #[error("describes an impossible tree: `{path}` {problem}")]
    Impossible {
        /// The path at fault.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl TreeDoc {
    /// Describes an entry; refuses trees that no directory can hold or that reach out of themselves.
    pub fn new(
        key: Key,
        key_document: Digest,
        unit: String,
        created: u64,
        built_in_ms: u64,
        nodes: BTreeMap<RelPath, Node>,
    ) -> Result<Self, ParseError> {
        let tree = Self { format: FORMAT, key, key_document, unit, created, built_in_ms, nodes };
        tree.check()?;
        Ok(tree)
    }

    /// The canonical text: the same tree gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let inner = serde_json::to_vec(self).unwrap_or_default();
        serde_json::to_vec(&Sealed { blake3: Digest::of(&inner), tree: self }).unwrap_or_default()
    }

    /// The bytes of all files together.
    pub fn bytes(&self) -> u64 {
        self.files().fold(0, |sum, (_, size)| sum.saturating_add(size))
    }

    /// The blobs that it needs, with their sizes; one that two paths share comes twice.
    pub fn files(&self) -> impl Iterator<Item = (Digest, u64)> {
        self.nodes.values().filter_map(|node| match node {
            Node::File { digest, size, .. } => Some((*digest, *size)),
            Node::Link { .. } | Node::Dir {} => None,
        })
    }

    fn check(&self) -> Result<(), ParseError> {
        for (path, node) in &self.nodes {
            let refuse = |problem| Err(ParseError::Impossible { path: path.to_string(), problem });
            if path.parents().any(|parent| self.nodes.contains_key(parent)) {
                return refuse("lies below something that is not a directory");
            }
            if let Node::Link { target } = node
                && !stays_inside(path, target)
            {
                return refuse("links out of the tree");
            }
        }
        Ok(())
    }
}

/// Reads a tree document; refuses every byte that `TreeDoc::to_bytes` would not have written. Never panics.
pub fn parse(bytes: &[u8]) -> Result<TreeDoc, ParseError> {
    let shape = |error: serde_json::Error| ParseError::Shape(error.to_string());
    let sealed: Sealed<TreeDoc> = match serde_json::from_slice(bytes) {
        Ok(sealed) => sealed,
        Err(error) => return Err(other_format(bytes).unwrap_or(shape(error))),
    };
    let tree = sealed.tree;
    if tree.format != FORMAT {
        return Err(ParseError::Format(tree.format));
    }
    if tree.to_bytes() != bytes {
        return Err(ParseError::Checksum);
    }
    tree.check()?;
    Ok(tree)
}

/// A later format may have any shape, but says its number where we do.
fn other_format(bytes: &[u8]) -> Option<ParseError> {
    #[derive(Deserialize)]
    struct Numbered {
        format: u32,
    }
    #[derive(Deserialize)]
    struct Outer {
        tree: Numbered,
    }
    let Outer { tree: Numbered { format } } = serde_json::from_slice(bytes).ok()?;
    (format != FORMAT).then_some(ParseError::Format(format))
}

/// True for a link whose target, from where it lies, never leaves the tree. `..` may only lead: behind a name,
/// which may itself be a link, it would not mean what it says.
pub(crate) fn stays_inside(path: &RelPath, target: &str) -> bool {
    let mut room = path.parents().count();
    let mut named = false;
    for name in target.split('/') {
        match name {
            "." => {}
            ".." if named || room == 0 => return false,
            ".." => room -= 1,
            "" => return false,
            _ => named = true,
        }
    }
    !target.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> TreeDoc {
        let path = |text: &str| RelPath::new(text).unwrap();
        let nodes = BTreeMap::from([
            (path("run.sh"), Node::File { digest: Digest::of(b"run"), size: 3, executable: true }),
            (path("lib/libc.so.6"), Node::File { digest: Digest::of(b"libc"), size: 4, executable: false }),
            (path("lib/libc.so"), Node::Link { target: "libc.so.6".into() }),
            (path("tmp"), Node::Dir {}),
        ]);
        TreeDoc::new(Key::new(Digest::of(b"key")), Digest::of(b"{}"), "llama-cpp".into(), 7, 9, nodes)
            .unwrap()
    }

    #[test]
    fn one_form_and_every_flipped_bit_is_noticed() {
        let bytes = sample().to_bytes();
        assert_eq!(parse(&bytes), Ok(sample()));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << bit;
                assert!(parse(&bad).is_err(), "byte {at} bit {bit}");
            }
            assert!(parse(&bytes[..at]).is_err(), "cut at {at}");
        }
        assert!(parse(&[&bytes[..], b"\n"].concat()).is_err(), "a tail");
    }

    #[test]
    fn a_later_format_is_told_apart_from_damage() {
        let later = br#"{"blake3":"?","tree":{"format":2,"anything":[]}}"#;
        assert_eq!(parse(later), Err(ParseError::Format(2)));
    }

    #[test]
    fn links_must_stay_inside() {
        for (path, target, inside) in [
            ("a", "b", true),
            ("lib/a", "../b", true),
            ("lib/a", "./b/c", true),
            ("x/y/z", "../../b", true),
            ("a", "..", false),
            ("lib/a", "../../b", false),
            ("lib/a", "/etc/passwd", false),
            ("lib/a", "x/../b", false),
            ("a", "", false),
            ("a", "b//c", false),
        ] {
            assert_eq!(stays_inside(&RelPath::new(path).unwrap(), target), inside, "{path} -> {target}");
        }
    }

    #[test]
    fn nothing_lies_below_a_file() {
        let mut nodes = sample().nodes;
        nodes.insert(RelPath::new("run.sh/x").unwrap(), Node::Dir {});
        let tree = TreeDoc { nodes, ..sample() };
        assert!(matches!(parse(&tree.to_bytes()), Err(ParseError::Impossible { .. })));
    }
}
