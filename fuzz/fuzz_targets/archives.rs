//! Any bytes as an archive: nothing is written outside of the directory that it is unpacked into.
#![no_main]

use camino::Utf8Path;
use fetch::Selection;
use fetch::unpack::{Limits, unpack};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

const LIMITS: Limits = Limits { entries: 50, bytes: 1 << 16, path: 200 };

fuzz_target!(|bytes: &[u8]| {
    let dir = tempfile::tempdir().expect("a directory");
    let dest = Utf8Path::from_path(dir.path()).expect("a name in UTF-8").join("dest");
    std::fs::create_dir(&dest).expect("a directory");
    let unpacked = unpack(Cursor::new(bytes), &dest, &LIMITS, &Selection::default());
    let beside = std::fs::read_dir(dir.path()).expect("a listing").count();
    assert_eq!(beside, 1, "something was written beside the directory: {unpacked:?}");
    let within = std::fs::canonicalize(&dest).expect("a path");
    links_stay(&within, &within);
});

/// No link that was written leads out of the tree.
fn links_stay(root: &std::path::Path, dir: &std::path::Path) {
    for entry in std::fs::read_dir(dir).expect("a listing") {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a type");
        if kind.is_dir() {
            links_stay(root, &entry.path());
        } else if kind.is_symlink()
            && let Ok(target) = std::fs::canonicalize(entry.path())
        {
            assert!(target.starts_with(root), "{} leads to {}", entry.path().display(), target.display());
        }
    }
}
