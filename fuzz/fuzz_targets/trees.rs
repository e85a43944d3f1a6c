//! Any bytes as a tree document: what is accepted is written again as it was understood.
#![no_main]

use libfuzzer_sys::fuzz_target;
use store::tree;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = tree::parse(bytes) {
        let again = tree::parse(&document.to_bytes());
        assert_eq!(again.as_ref(), Ok(&document));
        // Sums over sizes that nobody checked must not overflow.
        let _ = (document.bytes(), document.files().count());
    }
});
