//! What holds for any document and any glob.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::collections::BTreeMap;

use common::key;
use globset::GlobBuilder;
use model::digest::Digest;
use proptest::prelude::*;
use store::tree::{Node, TreeDoc, parse};
use store::{GlobSpec, RelPath};

fn rel_path() -> impl Strategy<Value = RelPath> {
    "[a-c ü.]{1,3}(/[a-c.]{1,2}){0,3}".prop_filter_map("dots", |text| RelPath::new(text).ok())
}

fn node() -> impl Strategy<Value = Node> {
    prop_oneof![
        (any::<[u8; 32]>(), any::<u64>(), any::<bool>()).prop_map(|(bytes, size, executable)| Node::File {
            digest: Digest::from_bytes(bytes),
            size,
            executable
        }),
        "(\\.\\./){0,2}[a-c\"\\\\\n]{0,3}".prop_map(|target| Node::Link { target }),
        Just(Node::Dir {}),
    ]
}

fn doc() -> impl Strategy<Value = TreeDoc> {
    let nodes = prop::collection::btree_map(rel_path(), node(), 0..6);
    ("\\PC{0,8}", any::<u64>(), any::<u64>(), nodes).prop_filter_map(
        "impossible",
        |(unit, created, took, nodes)| {
            TreeDoc::new(key("k"), Digest::of(b"d"), unit, created, took, nodes).ok()
        },
    )
}

/// Globs as manifests hold them: names, wild names, `**`, classes and groups.
fn glob() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        4 => "[ab.]{1,3}".prop_filter("dots", |text| text != "." && text != ".."),
        2 => Just("**".to_owned()),
        2 => "(\\*|\\?|[ab]){1,3}".prop_filter("stars", |text| !text.contains("**")),
        1 => Just("[ab]b".to_owned()),
        1 => Just("[!a]*".to_owned()),
        1 => Just("{a,b.c}".to_owned()),
        1 => Just("*.{a,b}".to_owned()),
    ];
    // `a/**/**` means the same as `a/**`; no manifest needs it.
    prop::collection::vec(segment, 1..4)
        .prop_filter("twice", |parts| !parts.windows(2).any(|pair| pair[0] == "**" && pair[1] == "**"))
        .prop_map(|parts| parts.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn a_tree_document_reads_back(tree in doc()) {
        let bytes = tree.to_bytes();
        prop_assert_eq!(parse(&bytes), Ok(tree.clone()));
        prop_assert_eq!(tree.bytes(), tree.files().fold(0, |sum: u64, (_, size)| sum.saturating_add(size)));
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(parse(&bytes).is_err());
    }

    #[test]
    fn a_changed_tree_document_is_refused(tree in doc(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = tree.to_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        prop_assert!(parse(&bytes).is_err());
    }

    #[test]
    fn a_sealed_document_with_any_nodes_is_sound_or_refused(nodes in prop::collection::btree_map(rel_path(), node(), 0..6)) {
        let built = TreeDoc::new(key("k"), Digest::of(b"d"), String::new(), 0, 0, nodes.clone());
        if let Ok(tree) = built {
            for (path, node) in &nodes {
                let parents = path.as_str().match_indices('/').map(|(at, _)| &path.as_str()[..at]);
                prop_assert!(parents.map(|dir| RelPath::new(dir).unwrap()).all(|dir| !nodes.contains_key(&dir)));
                if let Node::Link { target } = node {
                    prop_assert!(!target.starts_with('/'));
                }
            }
            prop_assert_eq!(&tree.nodes, &nodes);
        }
    }

    #[test]
    fn globs_mean_what_globset_says(glob in glob(), path in "[ab][ab.]{0,2}(/[.]?[ab][ab.]{0,1}){0,3}") {
        let reference = GlobBuilder::new(&glob).literal_separator(true).build().unwrap().compile_matcher();
        let ours = GlobSpec::new([glob.as_str()], [""; 0]).unwrap();
        prop_assert_eq!(ours.matches(&path), reference.is_match(&path), "{} on {}", glob, path);
    }
}

#[test]
fn two_orders_of_the_same_tree_are_one_document() {
    let node = |text: &str| Node::File { digest: Digest::of(text.as_bytes()), size: 1, executable: false };
    let paths = ["b", "a/c", "a/b"];
    let build = |order: &[usize]| {
        let nodes: BTreeMap<_, _> =
            order.iter().map(|&at| (RelPath::new(paths[at]).unwrap(), node(paths[at]))).collect();
        TreeDoc::new(key("k"), Digest::of(b"d"), "u".into(), 0, 0, nodes).unwrap().to_bytes()
    };
    assert_eq!(build(&[0, 1, 2]), build(&[2, 1, 0]));
}
