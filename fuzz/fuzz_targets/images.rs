//! Any bytes as an OCI image in a tar, and as a layer of one: read and verified, or refused.
#![no_main]

use camino::Utf8Path;
use libfuzzer_sys::fuzz_target;
use std::io::Write;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::with_suffix(".tar").expect("a file");
    file.write_all(bytes).expect("written");
    let path = Utf8Path::from_path(file.path()).expect("a name in UTF-8");
    let _ = oci::layout::read(path);
    let mut listing = oci::layout::Listing::new("package.json");
    if listing.add(path).is_ok()
        && let Some(text) = &listing.text
        && let Ok(package) = pack::Manifest::parse(text, path)
    {
        let files = package.files.iter().map(|(path, entry)| (path, entry.size()));
        assert!(listing.missing(files).len() <= package.files.len());
    }
});
