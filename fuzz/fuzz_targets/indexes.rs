//! Any bytes as git's index: read or left to git, without a panic, and in order.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for prefix in ["", "a/"] {
        if let Some(index) = checkout::index::parse(bytes, prefix) {
            assert!(index.files.len() + index.submodules.len() <= bytes.len());
        }
    }
});
