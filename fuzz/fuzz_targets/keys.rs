//! Any two texts as key documents: a document never differs from itself, and differences can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plan::why::changes;

fuzz_target!(|text: &str| {
    let (before, after) = text.split_once('\n').unwrap_or((text, text));
    if let Ok(found) = changes(before, after) {
        for change in &found {
            assert!(!change.to_string().is_empty());
        }
    }
    if let Ok(found) = changes(before, before) {
        assert_eq!(found, []);
    }
});
