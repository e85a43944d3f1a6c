//! Any bytes as what a registry answers: manifests, lists of tags, challenges, links, dates.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oci::{Challenge, Inventory, Manifest, Node, TagPage, config_date, next_page, quay_tags};
use std::collections::BTreeMap;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::parse(bytes) {
        let node = Node::of(&manifest, bytes.len());
        let digest = oci::ImageDigest::sha256(bytes);
        // A list may name itself, if only in a fuzzer; sizes may be absurd.
        let manifests = BTreeMap::from([(digest.clone(), node)]);
        let inventory = Inventory { manifests, ..Inventory::default() };
        assert!(inventory.reach(&digest, &inventory.attachments()).contains_key(&digest));
        match &manifest {
            Manifest::Image(image) => {
                let again = serde_json::to_vec(image).expect("what was read can be written");
                assert_eq!(Manifest::parse(&again).expect("and read again"), manifest);
            }
            Manifest::Index(index) => {
                let again = serde_json::to_vec(index).expect("what was read can be written");
                assert_eq!(Manifest::parse(&again).expect("and read again"), manifest);
            }
        }
    }
    // Only that they come back.
    let _ = (TagPage::parse(bytes), quay_tags(bytes), config_date(bytes));
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Some(target) = next_page(text) {
            assert!(text.contains(target));
        }
        if let Some(Challenge::Bearer { realm, .. }) = Challenge::parse(text) {
            assert!(realm.len() <= text.len());
        }
        let _ = model::time::calendar::parse_rfc3339(text);
    }
});
