//! Any bytes as an object file: it is read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = pack::image::parse(bytes);
});
