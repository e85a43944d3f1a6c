//! Any bytes as a page of a package index, and as a file of Debian's package sources.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    fetch::fuzzed::read_page(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        fetch::fuzzed::read_sources(text);
    }
});
