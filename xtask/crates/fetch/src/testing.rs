//! What the unit tests of this crate share.

use model::source::{Pin, Upstream};

/// A small pin with nothing behind it.
pub(crate) fn pin() -> Pin {
    Pin {
        name: "demo".parse().unwrap(),
        version: "1".to_owned(),
        upstream: Upstream::Git { url: "/nowhere".to_owned(), commit: "1".repeat(40).parse().unwrap() },
        submodules: false,
        tree: Some("2".repeat(64).parse().unwrap()),
        exclude: Vec::new(),
        mirrors: Vec::new(),
        patches: Vec::new(),
        license: "MIT".to_owned(),
        license_files: Vec::new(),
    }
}
