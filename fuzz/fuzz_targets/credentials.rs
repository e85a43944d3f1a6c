//! Any bytes as docker's configuration, and as what helpers and token services answer.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for host in ["docker.io", "quay.io", "127.0.0.1:5000"] {
        oci::fuzzed::read_credentials(bytes, host);
    }
});
