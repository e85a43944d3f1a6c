//! Any bytes as what git prints, and any text as an edit of a normalised file: read or refused, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::text::normal::normal;
use plan::proto::{adds_declarations_only, is_additive};
use ci::affected::{read_diff, read_tree, read_untracked};

fuzz_target!(|bytes: &[u8]| {
    let _ = read_tree(bytes);
    let edits = read_diff(bytes).unwrap_or_default();
    assert!(
        edits.values().all(|edit| edit.before.is_some() || edit.after.is_some() || edit.before == edit.after)
    );
    for edit in read_untracked(bytes).values() {
        assert!(edit.before.is_none() && edit.after.is_some());
    }
    let text = String::from_utf8_lossy(bytes);
    let (before, after) = text.split_once('\0').unwrap_or((&text, ""));
    if adds_declarations_only(before, after) {
        assert!(is_additive(before, after));
    }
    if let Some(once) = normal("docker/Dockerfile.x", &text) {
        assert_eq!(normal("docker/Dockerfile.x", &once), Some(once.clone()));
    }
});
