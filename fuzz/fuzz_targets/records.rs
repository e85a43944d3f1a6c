//! Any bytes as the file of the stat cache and the stamps of packages.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| store::fuzzed::read_records(bytes));
