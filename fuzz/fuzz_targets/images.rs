//! Any bytes as an OCI image in a tar: it is read and verified, or refused.
#![no_main]

use camino::Utf8Path;
use libfuzzer_sys::fuzz_target;
use std::io::Write;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::with_suffix(".tar").expect("a file");
    file.write_all(bytes).expect("written");
    let _ = pack::oci::read(Utf8Path::from_path(file.path()).expect("a name in UTF-8"));
});
